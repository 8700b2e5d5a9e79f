using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>A real web server (nginx) for one folder, on a free port, without privileges. Disposing of it ends it.</summary>
public sealed class NginxServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly Process _process;

    private NginxServer(TemporaryDirectory directory, Process process, int port, int tlsPort)
    {
        _directory = directory;
        _process = process;
        Port = port;
        TlsPort = tlsPort;
    }

    public int Port { get; }

    /// <summary>Where its hosts are served by https.</summary>
    public int TlsPort { get; }

    /// <summary>One line a request: the request line, status, bytes sent, range, user agent, and the connection's number.</summary>
    public string AccessLog => File.ReadAllText(_directory.Combine("access.log"));

    /// <param name="root">The folder to serve; may hold symbolic links.</param>
    /// <param name="configuration">Further nginx directives inside the server block.</param>
    /// <param name="address">Where to listen; with a namespace its own address.</param>
    /// <param name="hosts">
    /// Served by https beside it; those without a port of their own on 443 with a namespace, where who names none of them has no handshake.
    /// </param>
    public static async Task<NginxServer> StartAsync(
        string root, string configuration = "", string address = "127.0.0.1", NetworkNamespace? inside = null, params TlsHost[] hosts)
    {
        for (int attempt = 0; ; attempt++)
        {
            int port = inside == null ? FreePort() : 80;
            int tlsPort = inside == null ? FreePort() : 443;
            TemporaryDirectory directory = new();
            string file = directory.Combine("nginx.conf");
            await File.WriteAllTextAsync(file, Configuration(
                directory, root, configuration, $"{address}:{port}", TlsConfiguration(directory, root, hosts, address, tlsPort))).ConfigureAwait(false);
            Process process = ChildProcess.Start("nginx", ["-p", directory.FullName, "-c", file, "-e", "stderr"], "nginx-light", inside);
            StringBuilder log = new();
            if (await ServerStart.WaitAsync(process, "start worker process", log).ConfigureAwait(false))
            {
                _ = process.StandardError.ReadToEndAsync(); // keep the pipe from filling
                return new NginxServer(directory, process, port, tlsPort);
            }

            directory.Dispose();
            process.Dispose();
            if (attempt == 3 || !log.ToString().Contains("Address already in use", StringComparison.Ordinal))
            {
                throw new ToolError($"nginx did not start: {log.ToString().Trim()}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
        _directory.Dispose();
    }

    private static string Configuration(TemporaryDirectory directory, string root, string more, string listen, string tlsHosts) => $$"""
        daemon off;
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        pid {{directory.Combine("nginx.pid")}};
        error_log stderr notice;
        worker_processes 1;
        events { worker_connections 64; }
        http {
            log_format line '$request $status $body_bytes_sent "$http_range" "$http_user_agent" $connection';
            access_log {{directory.Combine("access.log")}} line;
            client_body_temp_path {{directory.Combine("body")}};
            proxy_temp_path {{directory.Combine("proxy")}};
            fastcgi_temp_path {{directory.Combine("fastcgi")}};
            uwsgi_temp_path {{directory.Combine("uwsgi")}};
            scgi_temp_path {{directory.Combine("scgi")}};
            default_type application/octet-stream;
            types { application/efi efi; }
            sendfile on;
            server {
                listen {{listen}};
                root {{root}};
                {{more}}
            }
            {{tlsHosts}}
        }
        """;

    // Any key here: what a client refuses is to be the client's doing.
    private static string TlsConfiguration(TemporaryDirectory directory, string root, TlsHost[] hosts, string address, int port)
    {
        StringBuilder text = new(hosts.Length == 0 ? "" : $"server {{ listen {address}:{port} ssl default_server; ssl_reject_handshake on; }}\n");
        foreach (TlsHost host in hosts)
        {
            (string chain, string key) = host.Certificate.Write(directory, host.Name.Replace('*', '_'));
            text.Append($$"""
                server {
                    listen {{address}}:{{host.Port ?? port}} ssl;
                    server_name {{host.Name}};
                    ssl_ciphers DEFAULT:@SECLEVEL=0;
                    ssl_certificate {{chain}};
                    ssl_certificate_key {{key}};
                    root {{root}};
                    {{host.More}}
                }

                """);
        }

        return text.ToString();
    }

    /// <summary>A port of this machine that nobody has, for a host.</summary>
    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
