using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace NetBoot.Tests.Protocols;

/// <summary>A server of one file of any size, whose bytes follow from where they are; it answers ranges, and breaks where a test says so.</summary>
internal sealed class RangeServer
{
    private readonly PeerHost _host;

    public RangeServer(PeerHost host, ulong size, ushort port = 80)
    {
        _host = host;
        Size = size;
        host.OnTcp(port, connection =>
        {
            Connections++;
            Connection = connection;
            connection.OnData = c =>
            {
                string received = c.Text.ToString();
                int end = received.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                {
                    c.Text.Remove(0, end + 4);
                    Requests.Add(received[..(end + 4)]);
                    Answer(c, received[..(end + 4)]);
                }
            };
        });
    }

    public ulong Size { get; set; }
    public string? Tag { get; set; } = "\"v1\"";
    public uint Seed { get; set; }
    public int Connections { get; private set; }

    /// <summary>The last.</summary>
    public PeerTcp? Connection { get; private set; }

    public List<string> Requests { get; } = [];

    /// <summary>"start-end" of each request.</summary>
    public IEnumerable<string> Ranges => Requests.Select(each => Regex.Match(each, "Range: bytes=([0-9-]+)").Groups[1].Value);

    /// <summary>What is at some place of the file before all else, as the header of a CD.</summary>
    public (ulong At, byte[] Bytes)? Patch { get; set; }

    /// <summary>Answers in the server's place; false where the server is to answer.</summary>
    public Func<PeerTcp, string, bool>? OnRequest { get; set; }

    public byte[] Bytes(ulong start, int length)
    {
        byte[] bytes = new byte[length];
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < length; i++)
        {
            ulong at = start + (ulong)i;
            ulong value = ((at / 8) + Seed + 1) * 0x9E37_79B9_7F4A_7C15;
            BinaryPrimitives.WriteUInt64LittleEndian(word, value ^ (value >> 29));
            bytes[i] = word[(int)(at % 8)];
            if (Patch is { } patch && at >= patch.At && at - patch.At < (ulong)patch.Bytes.Length)
            {
                bytes[i] = patch.Bytes[at - patch.At];
            }
        }

        return bytes;
    }

    public void Answer(PeerTcp connection, string request)
    {
        if (OnRequest?.Invoke(connection, request) == true)
        {
            return;
        }

        Match range = Regex.Match(request, "\r\nRange: bytes=([0-9]+)-([0-9]+)\r\n");
        Match condition = Regex.Match(request, "\r\nIf-Range: (.*)\r\n");
        string tag = Tag is null ? "" : $"ETag: {Tag}\r\n";
        if (!range.Success || (condition.Success && condition.Groups[1].Value != Tag))
        {
            connection.Send($"HTTP/1.1 200 OK\r\n{tag}Content-Length: {Size}\r\n\r\n");
            connection.Send(Bytes(0, 4096));
            return;
        }

        ulong start = ulong.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture);
        ulong end = Math.Min(ulong.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture) + 1, Size);
        connection.Send($"HTTP/1.1 206 Partial Content\r\n{tag}Content-Range: bytes {start}-{end - 1}/{Size}\r\nContent-Length: {end - start}\r\n\r\n");
        connection.Send(Bytes(start, (int)(end - start)));
    }
}
