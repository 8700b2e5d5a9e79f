using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An address of IPv4 or IPv6; the default value is of neither.</summary>
public readonly struct IPAddress : ITextFormattable
{
    /// <summary>Bytes of an IPv6 address.</summary>
    public const int IPv6Size = 16;

    private const int Groups = 8;
    private const uint MappedGroup = 0xFFFF;

    // The 16 bytes as two numbers, the first byte the highest. An IPv4 address is the last four of them, the others are zero.
    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>An IPv4 address.</summary>
    public IPAddress(IPv4Address address)
        : this(0, address.Value, AddressFamily.IPv4)
    {
    }

    /// <summary>An IPv6 address from its bytes, in the order of the wire: the first <see cref="IPv6Size"/>, which must be there.</summary>
    public IPAddress(ReadOnlySpan<byte> bytes)
        : this(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes.Slice(8)), AddressFamily.IPv6)
    {
    }

    private IPAddress(ulong high, ulong low, AddressFamily family, int zone = 0)
    {
        _high = high;
        _low = low;
        Family = family;
        Zone = zone;
    }

    /// <summary>Of which version it is.</summary>
    public AddressFamily Family { get; }

    /// <summary>
    /// The number of the interface that it is reached through (RFC 4007, 6); 0 where that is left open. On no wire, and not part of what is equal.
    /// </summary>
    public int Zone { get; }

    /// <summary>32, 128, or 0 for none.</summary>
    public int Bits => Family switch { AddressFamily.IPv4 => 32, AddressFamily.IPv6 => 128, _ => 0 };

    /// <summary>The same of IPv4; 0.0.0.0 for any other.</summary>
    public IPv4Address IPv4 => Family == AddressFamily.IPv4 ? new IPv4Address((uint)_low) : default;

    /// <summary>0.0.0.0 and "::", and what is of no version.</summary>
    public bool IsAny => (_high | _low) == 0;

    /// <summary>A group of hosts: 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291, 2.7).</summary>
    public bool IsMulticast => Family == AddressFamily.IPv6 ? _high >> 56 == 0xFF : IPv4.IsMulticast;

    /// <summary>255.255.255.255; IPv6 has no such address.</summary>
    public bool IsBroadcast => IPv4.IsBroadcast;

    /// <summary>Valid on one link alone: fe80::/10 (RFC 4291, 2.5.6). False for all of IPv4.</summary>
    public bool IsLinkLocal => Family == AddressFamily.IPv6 && _high >> 54 == 0xFE80 >> 6;

    /// <summary>A group of hosts on one link: ff02::/16, ff01::/16 (RFC 4291, 2.7). False for all of IPv4.</summary>
    public bool IsLinkLocalGroup => Family == AddressFamily.IPv6 && _high >> 56 == 0xFF && ((_high >> 48) & 0xF) <= 2;

    /// <summary>True for what may be a host's own address on a wire (RFC 4291, 2.5; <see cref="IPv4Address.IsUnicast"/>).</summary>
    public bool IsUnicast => Family == AddressFamily.IPv6
        ? _high >> 56 != 0xFF && (_high != 0 || (_low >> 32 != 0 && _low >> 32 != MappedGroup)) // Not ::, ::1, nor one that holds an IPv4 address.
        : IPv4.IsUnicast;

    /// <summary>The same address, of either version.</summary>
    public static implicit operator IPAddress(IPv4Address address) => new(address);

    /// <summary>The same version and bytes.</summary>
    public static bool operator ==(IPAddress a, IPAddress b) => a._low == b._low && a._high == b._high && a.Family == b.Family;

    /// <summary>Another version or other bytes.</summary>
    public static bool operator !=(IPAddress a, IPAddress b) => !(a == b);

    /// <summary>Reads "192.0.2.1" as <see cref="IPv4Address"/> does, "2001:db8::1" as RFC 4291, 2.2 says, and nothing else: no brackets, no zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPAddress address)
    {
        if (IPv4Address.TryParse(text, out IPv4Address v4))
        {
            address = new IPAddress(v4);
            return true;
        }

        return TryParseIPv6(text, out address);
    }

    /// <summary>The same address, reached through one interface.</summary>
    public IPAddress In(int zone) => new(_high, _low, Family, zone);

    /// <summary>Writes the 16 bytes in the order of the wire, those of an IPv4 address last.</summary>
    /// <param name="bytes">At least <see cref="IPv6Size"/>.</param>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.Slice(8), _low);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPAddress other && other == this;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(_high ^ (_high >> 32) ^ _low ^ (_low >> 32));

    /// <summary>"192.0.2.1", "2001:db8::1" (RFC 5952, 4), "::ffff:192.0.2.1" (RFC 5952, 5); nothing for none.</summary>
    public void AppendTo(ref TextBuilder text)
    {
        switch (Family)
        {
            case AddressFamily.IPv4:
                IPv4.AppendTo(ref text);
                break;
            case AddressFamily.IPv6 when _high == 0 && _low >> 32 == MappedGroup:
                text.Append("::ffff:");
                new IPv4Address((uint)_low).AppendTo(ref text);
                break;
            case AddressFamily.IPv6:
                AppendGroups(ref text);
                break;
        }
    }

    /// <summary>ff02::1: every node on the link (RFC 4291, 2.7.1).</summary>
    internal static IPAddress AllNodes => new(0xFF02_0000_0000_0000, 1, AddressFamily.IPv6);

    /// <summary>ff02::2: every router on the link.</summary>
    internal static IPAddress AllRouters => new(0xFF02_0000_0000_0000, 2, AddressFamily.IPv6);

    /// <summary>ff02::16: every router that listens for MLDv2 (RFC 9777, 5.2.14).</summary>
    internal static IPAddress ListenerRouters => new(0xFF02_0000_0000_0000, 0x16, AddressFamily.IPv6);

    /// <summary>ff02::1:2: every DHCPv6 server and relay on the link (RFC 8415, 7.1).</summary>
    public static IPAddress AllDhcpServers => new(0xFF02_0000_0000_0000, 0x1_0002, AddressFamily.IPv6);

    /// <summary>"::": none.</summary>
    internal static IPAddress IPv6Any => new(0, 0, AddressFamily.IPv6);

    /// <summary>The group in which the owner of an IPv6 address is asked for its station address (RFC 4291, 2.7.1).</summary>
    internal IPAddress SolicitedNode => new(0xFF02_0000_0000_0000, 0x1_FF00_0000 | (_low & 0xFF_FFFF), AddressFamily.IPv6);

    /// <summary>The station address of an IPv6 group (RFC 2464, 7), as <see cref="MacAddress.Value"/>.</summary>
    internal MacAddress GroupStation => new(0x3333 | ((ulong)BinaryPrimitives.ReverseEndianness((uint)_low) << 16));

    /// <summary>An IPv6 address of a station in a network (RFC 4291, Appendix A; RFC 2464, 4).</summary>
    /// <param name="prefix">Its first 64 bits are taken.</param>
    /// <param name="station">Makes the other 64.</param>
    internal static IPAddress OfStation(IPAddress prefix, MacAddress station)
    {
        ulong bytes = BinaryPrimitives.ReverseEndianness(station.Value) >> 16;
        ulong identifier = (bytes >> 24 << 40) | 0xFF_FE00_0000 | (bytes & 0xFF_FFFF);
        return new IPAddress(prefix._high, identifier ^ (1UL << 57), AddressFamily.IPv6);
    }

    /// <summary>How many first bits both have in common; 0 of different versions.</summary>
    internal int CommonPrefix(IPAddress other)
    {
        if (Family != other.Family)
        {
            return 0;
        }

        ulong high = _high ^ other._high;
        return Math.Max((high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount(_low ^ other._low)) - 128 + Bits, 0);
    }

    /// <summary>What the address adds to the checksum of a pseudo-header; for <see cref="InternetChecksum"/>.</summary>
    internal ulong ChecksumSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ulong low = BinaryPrimitives.ReverseEndianness(_low);
            ulong high = BinaryPrimitives.ReverseEndianness(_high);
            return (uint)low + (low >> 32) + (uint)high + (high >> 32);
        }
    }

    /// <summary>The address with all bits behind the first <paramref name="length"/> zero.</summary>
    /// <param name="length">0 to <see cref="Bits"/>.</param>
    internal IPAddress Masked(int length)
    {
        int bits = length + 128 - Bits; // of the 16 bytes
        return new IPAddress(
            _high & (bits >= 64 ? ulong.MaxValue : ~(ulong.MaxValue >> bits)),
            _low & (bits >= 128 ? ulong.MaxValue : bits <= 64 ? 0 : ~(ulong.MaxValue >> (bits - 64))),
            Family);
    }

    private static bool TryParseIPv6(ReadOnlySpan<char> text, out IPAddress address)
    {
        address = default;
        Span<ushort> groups = stackalloc ushort[Groups];
        int count = 0;
        int gap = -1; // how many groups stand before "::"
        int at = 0;
        if (text.StartsWith("::"))
        {
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            if (count <= Groups - 2 && IPv4Address.TryParse(text.Slice(at), out IPv4Address tail))
            {
                groups[count++] = (ushort)(tail.Value >> 16);
                groups[count++] = (ushort)tail.Value;
                break;
            }

            if (count == Groups || !TryReadGroup(text, ref at, out groups[count++]))
            {
                return false;
            }

            if (at == text.Length)
            {
                break;
            }

            if (text[at++] != ':' || at == text.Length)
            {
                return false;
            }

            if (text[at] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                at++;
            }
        }

        if (gap < 0 ? count < Groups : count == Groups)
        {
            return false;
        }

        int zeros = Groups - count;
        ulong high = 0;
        ulong low = 0;
        for (int i = 0; i < Groups; i++)
        {
            ushort group = gap < 0 || i < gap ? groups[i] : i < gap + zeros ? (ushort)0 : groups[i - zeros];
            high = (high << 16) | (low >> 48);
            low = (low << 16) | group;
        }

        address = new IPAddress(high, low, AddressFamily.IPv6);
        return true;
    }

    // One to four hexadecimal digits.
    private static bool TryReadGroup(ReadOnlySpan<char> text, scoped ref int at, out ushort group)
    {
        group = 0;
        int start = at;
        while (at < text.Length && at - start < 4 && char.IsAsciiHexDigit(text[at]))
        {
            char digit = (char)(text[at++] | 0x20);
            group = (ushort)((group << 4) | (digit <= '9' ? digit - '0' : digit - 'a' + 10));
        }

        return at > start;
    }

    private void AppendGroups(ref TextBuilder text)
    {
        int gap = 0;
        int zeros = 1; // The longest run, the first of several; one zero alone is written (RFC 5952, 4.2.2).
        int run = 0;
        for (int i = 0; i < Groups; i++)
        {
            run = Group(i) == 0 ? run + 1 : 0;
            if (run > zeros)
            {
                gap = i + 1 - run;
                zeros = run;
            }
        }

        for (int i = 0; i < Groups; i++)
        {
            if (zeros > 1 && i == gap)
            {
                text.Append("::");
                i += zeros - 1;
                continue;
            }

            if (i > 0 && !(zeros > 1 && i == gap + zeros))
            {
                text.Append(':');
            }

            text.AppendFormatted(Group(i), "x");
        }
    }

    private uint Group(int index) => (ushort)((index < 4 ? _high : _low) >> (48 - 16 * (index & 3)));
}
