using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NicDrivers;

/// <summary>
/// The 64 bits by which chips filter multicast: an address is received when the bit that its CRC-32 (IEEE 802.3, 3.2.9) points to is
/// set. Chips differ in which six bits of the CRC they take.
/// </summary>
internal static unsafe class MulticastHash
{
    private const uint Polynomial = 0x04C1_1DB7;
    private const int IndexBits = 6;

    /// <summary>Bits are set by the upper six bits of the CRC: the DP8390's and the RTL8139's way.</summary>
    /// <param name="filters">Whether the list counts, or everything.</param>
    /// <param name="multicast">The list.</param>
    internal static ulong TableByUpperBits(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast) => Make(filters, multicast, &UpperBits);

    /// <summary>By the upper six bits of the CRC with its bits in reverse order: the PCnet's way.</summary>
    /// <inheritdoc cref="TableByUpperBits"/>
    internal static ulong TableByReflectedUpperBits(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast) =>
        Make(filters, multicast, &ReflectedUpperBits);

    private static ulong Make(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast, delegate*<uint, int> indexOf)
    {
        if ((filters & ReceiveFilters.EveryMulticast) != 0)
        {
            return ulong.MaxValue;
        }

        ulong table = 0;
        if ((filters & ReceiveFilters.Multicast) != 0)
        {
            foreach (MacAddress address in multicast)
            {
                table |= 1UL << indexOf(Crc(address));
            }
        }

        return table;
    }

    /// <summary>As on the wire, which sends each byte's lowest bit first.</summary>
    private static uint Crc(MacAddress address)
    {
        uint crc = uint.MaxValue;
        for (int bit = 0; bit < 8 * MacAddress.Size; bit++)
        {
            bool carry = ((crc >> 31) ^ ((uint)(address.Value >> bit) & 1)) != 0;
            crc = (crc << 1) ^ (carry ? Polynomial : 0);
        }

        return crc;
    }

    private static int UpperBits(uint crc) => (int)(crc >> (32 - IndexBits));

    private static int ReflectedUpperBits(uint crc)
    {
        int index = 0;
        for (int bit = 0; bit < IndexBits; bit++)
        {
            index = (index << 1) | (int)((crc >> bit) & 1);
        }

        return index;
    }
}
