using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The structures of an SMBIOS table (DSP0134, 6.1.2: type, length, handle, fields, then strings, and two zeros at the end). The table is
/// the firmware's, and is not trusted: nothing is read past its end.
/// </summary>
public readonly ref struct Smbios(ReadOnlySpan<byte> table)
{
    private const int HeaderSize = 4;
    private const byte EndOfTable = 127;

    private readonly ReadOnlySpan<byte> _table = table;

    /// <summary>Finds the n-th structure of a type (from 0): its fields with the header, and its strings with their zeros.</summary>
    public bool TryFind(byte type, int instance, out ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> strings)
    {
        ReadOnlySpan<byte> rest = _table;
        while (rest.Length >= HeaderSize)
        {
            int length = rest[1];
            if (length < HeaderSize || length > rest.Length)
            {
                break;
            }

            fields = rest.Slice(0, length);
            strings = rest.Slice(length);
            int end = strings.IndexOf("\0\0"u8);
            if (end < 0)
            {
                break;
            }

            strings = strings.Slice(0, end + 1);
            byte found = rest[0];
            if (found == type && instance-- == 0)
            {
                return true;
            }

            if (found == EndOfTable)
            {
                break;
            }

            rest = rest.Slice(length + end + 2);
        }

        fields = default;
        strings = default;
        return false;
    }

    /// <summary>A structure's string of a number from 1 on; empty when there is none.</summary>
    public static ReadOnlySpan<byte> GetString(ReadOnlySpan<byte> strings, int number)
    {
        for (int i = 1; i <= number; i++)
        {
            int end = strings.IndexOf((byte)0);
            if (end <= 0)
            {
                break;
            }

            if (i == number)
            {
                return strings.Slice(0, end);
            }

            strings = strings.Slice(end + 1);
        }

        return default;
    }

    /// <summary>
    /// Finds the table that an entry point describes: "_SM3_" (DSP0134, 5.2.2) or "_SM_" (5.2.1), both in at most 32 bytes.
    /// </summary>
    public static bool TryReadEntryPoint(ReadOnlySpan<byte> entry, out ulong address, out uint size, out int version)
    {
        address = 0;
        size = 0;
        version = 0;
        if (entry.Length >= 24 && entry.StartsWith("_SM3_"u8))
        {
            version = (entry[7] << 8) | entry[8];
            size = BinaryPrimitives.ReadUInt32LittleEndian(entry.Slice(12));
            address = BinaryPrimitives.ReadUInt64LittleEndian(entry.Slice(16));
            return address != 0;
        }

        if (entry.Length >= 31 && entry.StartsWith("_SM_"u8))
        {
            version = (entry[6] << 8) | entry[7];
            size = BinaryPrimitives.ReadUInt16LittleEndian(entry.Slice(22));
            address = BinaryPrimitives.ReadUInt32LittleEndian(entry.Slice(24));
            return address != 0;
        }

        return false;
    }
}
