using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The options of a message of Neighbour Discovery, one after the other (RFC 4861, 4.6).</summary>
internal ref struct NeighbourOptionReader(ReadOnlySpan<byte> options)
{
    public const byte SourceLinkAddress = 1;
    public const byte TargetLinkAddress = 2;
    public const byte Prefix = 3;
    public const byte Mtu = 5;
    public const byte Route = 24; // RFC 4191, 2.3
    public const byte DnsServers = 25; // RFC 8106, 5.1
    public const byte SearchList = 31; // RFC 8106, 5.2

    /// <summary>Bytes of an option with a station address, header included.</summary>
    public const int LinkAddressSize = 8;

    private ReadOnlySpan<byte> _left = options;

    /// <summary>True until an option has no length, or one beyond the message: such a message is to be dropped whole.</summary>
    public static bool AreValid(ReadOnlySpan<byte> options)
    {
        NeighbourOptionReader reader = new(options);
        while (reader.TryRead(out _, out _))
        {
        }

        return reader._left.IsEmpty;
    }

    /// <summary>The next option, header included: at least eight bytes.</summary>
    public bool TryRead(out byte type, out ReadOnlySpan<byte> option)
    {
        type = 0;
        option = default;
        if (_left.Length < 8 || _left[1] == 0 || _left.Length < _left[1] * 8)
        {
            return false;
        }

        type = _left[0];
        option = _left.Slice(0, _left[1] * 8);
        _left = _left.Slice(option.Length);
        return true;
    }

    /// <summary>The station address in the first option of a kind; null when there is none, or it is not one station's.</summary>
    public static MacAddress? FindLinkAddress(ReadOnlySpan<byte> options, byte wanted)
    {
        NeighbourOptionReader reader = new(options);
        while (reader.TryRead(out byte type, out ReadOnlySpan<byte> option))
        {
            if (type == wanted)
            {
                MacAddress address = WireBytes.ReadMac(option, 2);
                return option.Length == LinkAddressSize && address.IsStation ? address : null;
            }
        }

        return null;
    }

    /// <param name="option">At least <see cref="LinkAddressSize"/> bytes.</param>
    /// <param name="type"><see cref="SourceLinkAddress"/> or <see cref="TargetLinkAddress"/>.</param>
    /// <param name="address">A station's.</param>
    public static void WriteLinkAddress(Span<byte> option, byte type, MacAddress address)
    {
        option = option.Slice(0, LinkAddressSize);
        WireBytes.Write8(option, 0, type);
        WireBytes.Write8(option, 1, LinkAddressSize / 8);
        WireBytes.WriteMac(option, 2, address);
    }
}
