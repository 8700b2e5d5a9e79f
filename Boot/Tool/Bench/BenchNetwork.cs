using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>Where the measured machine is plugged in, with its servers.</summary>
internal sealed class BenchNetwork : IAsyncDisposable
{
    /// <summary>Each small file is by a connection of its own, with a whole handshake.</summary>
    private const string NewConnections = "ssl_session_tickets off; location /small { keepalive_timeout 0; }";

    public const string Slirp = "slirp";
    public const string Tap = "TAP";

    private readonly List<IAsyncDisposable> _owned = [];
    private readonly string _files;

    private BenchNetwork(string files)
    {
        _files = files;
    }

    public required string Name { get; init; }

    /// <summary>The servers' address of version 6, as a URI has it; null for none.</summary>
    public string? IPv6Host { get; init; }

    public required string HttpHost { get; init; }

    public required string HttpsHost { get; init; }

    /// <summary>Who vouches for that one.</summary>
    public static TestCertificate Root { get; } = TestCertificate.MakeRoot("Bench", KeyKind.Rsa2048);

    public required string TftpHost { get; init; }

    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Where <see cref="StartTargetAsync"/> has a target listen.</summary>
    public int IscsiPort { get; private set; }

    public static async Task<BenchNetwork> SlirpAsync(string files)
    {
        TlsHost secure = new(UserNetwork.Host, Root.IssueServer(UserNetwork.Host, KeyKind.Rsa2048), NewConnections) { Port = NginxServer.FreePort() };
        NginxServer server = await NginxServer.StartAsync(files, hosts: secure);
        BenchNetwork network = new(files)
        {
            Name = Slirp,
            HttpHost = $"{UserNetwork.Host}:{server.Port}",
            HttpsHost = $"{UserNetwork.Host}:{secure.Port}",
            TftpHost = UserNetwork.Host,
        };
        network._owned.Add(server);
        return network;
    }

    public static async Task<BenchNetwork?> TryTapAsync(string files)
    {
        const string host = "192.0.2.1"; // TEST-NET-1, RFC 5737; exists only in the namespace
        const string host6 = "2001:db8:1::1"; // RFC 3849
        NetworkNamespace inside;
        try
        {
            inside = await NetworkNamespace.CreateAsync();
            await inside.AddTapAsync("tap0", host + "/24");
            await inside.AddIPv6AddressAsync("tap0", host6 + "/64");
        }
        catch (ToolError)
        {
            return null;
        }

        TlsHost secure = new(host, Root.IssueServer(host, KeyKind.Rsa2048), NewConnections) { Port = 8443 };
        BenchNetwork network = new(files)
        {
            Name = Tap,
            HttpHost = host,
            HttpsHost = $"{host}:{secure.Port}",
            TftpHost = host,
            IPv6Host = $"[{host6}]",
            Namespace = inside,
        };
        network._owned.Add(inside);
        network._owned.Add(await NginxServer.StartAsync(files, $"listen [{host6}]:80;", host, inside, secure));
        network._owned.Add(await DnsmasqServer.StartAsync(
            inside, "tap0",
            ["--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-boot=tftp.bin", "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only"], files));
        return network;
    }

    /// <summary>Serves a disk by iSCSI too, where TFTP is.</summary>
    public async Task StartTargetAsync(string disk)
    {
        TgtServer target = Namespace == null ? await TgtServer.StartAsync(disk) : await TgtServer.StartAsync(disk, TftpHost, 3260, Namespace);
        _owned.Add(target);
        IscsiPort = target.Port;
    }

    public NetworkBackend Plug(string? bootFile) => Namespace == null ? new UserNetwork { TftpRoot = _files, BootFile = bootFile } : new TapNetwork("tap0");

    public async ValueTask DisposeAsync()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            await _owned[i].DisposeAsync();
        }
    }
}
