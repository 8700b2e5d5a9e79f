using System;

namespace Tests.Devices;

/// <summary>
/// Six bits of IEEE 802.3's CRC-32 of an address, by which devices filter groups. Computed in the reflected form, which is not how the drivers
/// do it.
/// </summary>
internal static class MulticastHash
{
    /// <summary>The upper six bits of the reflected CRC.</summary>
    public static int OfReflected(ReadOnlySpan<byte> address) => (int)(ReflectedCrc(address) >> 26);

    /// <summary>The upper six bits of the CRC: the lowest of the reflected one, turned around.</summary>
    public static int Of(ReadOnlySpan<byte> address)
    {
        uint crc = ReflectedCrc(address);
        int hash = 0;
        for (int i = 0; i < 6; i++)
        {
            hash = (hash << 1) | (int)((crc >> i) & 1);
        }

        return hash;
    }

    private static uint ReflectedCrc(ReadOnlySpan<byte> address)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in address)
        {
            crc ^= each;
            for (int i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB8_8320 : 0);
            }
        }

        return crc;
    }
}
