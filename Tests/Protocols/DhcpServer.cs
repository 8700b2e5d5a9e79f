using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Protocols;

/// <summary>Builds and reads DHCP messages byte by byte, apart from the product's own code.</summary>
internal static class DhcpBytes
{
    public static byte[] Reply(byte[] request, string your, string next, IEnumerable<byte> options, string file = "", string server = "")
    {
        byte[] reply = new byte[240];
        request.AsSpan(0, 44).CopyTo(reply);
        reply[0] = 2;
        Address(your).CopyTo(reply, 16);
        Address(next).CopyTo(reply, 20);
        Encoding.Latin1.GetBytes(server).CopyTo(reply, 44);
        Encoding.Latin1.GetBytes(file).CopyTo(reply, 108);
        request.AsSpan(236, 4).CopyTo(reply.AsSpan(236));
        return [.. reply, .. options, 255];
    }

    public static byte[] Option(byte tag, params byte[] value) => [tag, (byte)value.Length, .. value];

    public static byte[] Option(byte tag, string text) => Option(tag, Encoding.Latin1.GetBytes(text));

    public static byte[] Address(string text) => text.Length == 0 ? new byte[4] : text.Split('.').Select(byte.Parse).ToArray();

    /// <summary>An option of a request; null when it is absent.</summary>
    public static byte[]? Find(byte[] request, byte tag)
    {
        for (int at = 240; request[at] != 255; at += 2 + request[at + 1])
        {
            if (request[at] == tag)
            {
                return request[(at + 2)..(at + 2 + request[at + 1])];
            }
        }

        return null;
    }
}

/// <summary>A DHCP server on a wire: offers and acknowledges one address with given options.</summary>
internal sealed class DhcpServer
{
    private readonly PeerHost _host;

    public DhcpServer(PeerHost host)
    {
        _host = host;
        host.OnUdp(67, OnMessage);
    }

    public string Your { get; set; } = "192.0.2.50";
    public string Next { get; set; } = "";
    public string File { get; set; } = "";
    public byte[] Options { get; set; } =
        [.. DhcpBytes.Option(1, 255, 255, 255, 0), .. DhcpBytes.Option(3, 192, 0, 2, 1), .. DhcpBytes.Option(6, 192, 0, 2, 1, 8, 8, 8, 8), .. DhcpBytes.Option(15, "example.org")];

    /// <summary>Microseconds before an answer.</summary>
    public ulong Delay { get; set; }
    public uint LeaseTime { get; set; } = 256;
    public bool Refuses { get; set; }
    public bool Acknowledges { get; set; } = true;
    public bool AcknowledgesWithFile { get; set; } = true;

    /// <summary>Sends to the address that it gives, whatever the client asks for, as some do.</summary>
    public bool AnswersToTheAddress { get; set; }

    /// <summary>Requests of type 1 and 3 that are to be lost.</summary>
    public int Ignores { get; set; }
    public List<byte[]> Discovers { get; } = [];
    public List<byte[]> Requests { get; } = [];
    public List<byte[]> Declines { get; } = [];
    public Action? Declined { get; set; }

    private void OnMessage(IPEndpoint from, byte[] packet)
    {
        byte type = DhcpBytes.Find(packet, 53)![0];
        if (type == 4)
        {
            Declines.Add(packet);
            Declined?.Invoke();
            return;
        }

        (type == 1 ? Discovers : Requests).Add(packet);
        byte[] id = DhcpBytes.Address(_host.Address.Text());
        if (Ignores-- > 0 || (type == 3 && ((DhcpBytes.Find(packet, 54) is { } server && !server.SequenceEqual(id)) || !Acknowledges)))
        {
            return;
        }

        byte answer = type == 1 ? (byte)2 : Refuses ? (byte)6 : (byte)5;
        byte[] reply = DhcpBytes.Reply(
            packet, answer == 6 ? "" : Your, Next, [.. DhcpBytes.Option(53, answer), .. DhcpBytes.Option(54, id), .. DhcpBytes.Option(51, (byte)(LeaseTime >> 24), (byte)(LeaseTime >> 16), (byte)(LeaseTime >> 8), (byte)LeaseTime), .. Options],
            answer == 2 || AcknowledgesWithFile ? File : "");
        IPv4Address client = AnswersToTheAddress ? new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(DhcpBytes.Address(Your))) : IPv4Address.Broadcast;
        _host.Wire.After(Delay, () => _host.SendUdp(67, new IPEndpoint(client, 68), reply));
    }
}
