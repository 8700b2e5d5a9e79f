using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Network;

/// <summary>A router's advertisements (RFC 4861, 4.2), byte by byte.</summary>
internal sealed class IPv6Router(PeerHost host, string address)
{
    public static readonly byte[] OnLinkPrefix = Prefix("2001:db8::", 64, 0xC0, 86400, 14400);

    public IPAddress Address { get; } = Parse(address);

    public static IPAddress Parse(string text) => IPAddress.TryParse(text, out IPAddress address) ? address : throw new FormatException(text);

    /// <param name="prefix">The network.</param>
    /// <param name="length">Its bits.</param>
    /// <param name="flags">0x80 on the link, 0x40 to make addresses of.</param>
    /// <param name="valid">Seconds.</param>
    /// <param name="preferred">Seconds.</param>
    public static byte[] Prefix(string prefix, byte length, byte flags, uint valid, uint preferred)
    {
        byte[] option = new byte[32];
        option[0] = 3;
        option[1] = 4;
        option[2] = length;
        option[3] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), valid);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(8), preferred);
        Parse(prefix).CopyTo(option.AsSpan(16));
        return option;
    }

    public static byte[] LinkAddress(MacAddress station)
    {
        byte[] option = [1, 1, 0, 0, 0, 0, 0, 0];
        station.CopyTo(option.AsSpan(2));
        return option;
    }

    public static byte[] DnsServers(uint lifetime, params string[] servers)
    {
        byte[] option = new byte[8 + servers.Length * 16];
        option[0] = 25;
        option[1] = (byte)(1 + servers.Length * 2);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), lifetime);
        for (int i = 0; i < servers.Length; i++)
        {
            Parse(servers[i]).CopyTo(option.AsSpan(8 + i * 16));
        }

        return option;
    }

    public static byte[] Mtu(uint mtu)
    {
        byte[] option = [5, 1, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), mtu);
        return option;
    }

    public static byte[] Route(string prefix, byte length, byte preference, uint lifetime)
    {
        byte[] option = new byte[24];
        option[0] = 24;
        option[1] = 3;
        option[2] = length;
        option[3] = preference;
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(4), lifetime);
        Parse(prefix).CopyTo(option.AsSpan(8));
        return option;
    }

    public void Advertise(ushort lifetime, params byte[][] options) => Advertise(lifetime, 0, options);

    /// <param name="lifetime">Seconds that it is a default router for; 0 for none.</param>
    /// <param name="flags">0x80 for M, 0x40 for O, 0x08 for a high preference, 0x18 for a low one.</param>
    /// <param name="options">All of them.</param>
    public void Advertise(ushort lifetime, byte flags, params byte[][] options) => host.SendIcmpV6(Address, Parse("ff02::1"), Message(lifetime, flags, options));

    public static byte[] Message(ushort lifetime, byte flags, params byte[][] options)
    {
        byte[] message = new byte[16];
        message[0] = 134;
        message[4] = 64;
        message[5] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), lifetime);
        foreach (byte[] option in options)
        {
            message = [.. message, .. option];
        }

        return message;
    }
}
