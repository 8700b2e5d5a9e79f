using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Tests.Protocols;

namespace NetBoot.Tests.EndToEnd;

/// <summary>An HTTP/1.1 server with kept connections, for files of one directory.</summary>
internal sealed class WebServer
{
    private readonly Dictionary<string, byte[]> _files;

    public WebServer(PeerHost host, Dictionary<string, byte[]> files)
    {
        _files = files;
        host.OnTcp(80, connection => connection.OnData = Answer);
    }

    /// <summary>The paths asked for, in order.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Whole responses to paths, in place of files.</summary>
    public Dictionary<string, string> Responses { get; } = [];

    private void Answer(PeerTcp connection)
    {
        string all = connection.Text.ToString();
        int end;
        while ((end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal)) >= 0)
        {
            string path = all.Split(' ')[1];
            all = all[(end + 4)..];
            Requests.Add(path);
            if (Responses.TryGetValue(path, out string? response))
            {
                connection.Send(response);
                continue;
            }

            bool found = _files.TryGetValue(path, out byte[]? content);
            content ??= Encoding.ASCII.GetBytes("no such file");
            connection.Send($"HTTP/1.1 {(found ? "200 OK" : "404 Not Found")}\r\nContent-Length: {content.Length}\r\n\r\n");
            connection.Send(content);
        }

        connection.Text.Clear().Append(all);
    }
}
