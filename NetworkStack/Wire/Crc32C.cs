using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The checksum of iSCSI's digests: Castagnoli's polynomial (RFC 7143, 13.1; RFC 3385). On the wire it is little-endian.</summary>
internal static class Crc32C
{
    public const int Size = 4;

    /// <summary>The polynomial with its bits turned around.</summary>
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] s_table = MakeTable();

    /// <summary>Goes on over more bytes.</summary>
    /// <param name="crc">Of what stands before them; 0 at the beginning.</param>
    /// <param name="bytes">Any number.</param>
    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = s_table;
        crc = ~crc;
        foreach (byte b in bytes)
        {
            crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) * Polynomial);
            }

            table[i] = value;
        }

        return table;
    }
}
