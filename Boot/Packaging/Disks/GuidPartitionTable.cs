using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.Packaging.FirmwareVolumes;

namespace NetBoot.Boot.Packaging.Disks;

/// <summary>A disk with a GUID partition table and one partition, the EFI system partition. UEFI 2.10, 5.</summary>
public static class GuidPartitionTable
{
    private const int Sector = 512;
    private const int FirstSector = 2048; // where partitioning tools put it: 1 MiB
    private const int EntrySectors = 32;
    private const int Entries = 128;
    private const int EntrySize = 128;
    private const int HeaderSize = 92;
    private const int FirstUsable = 2 + EntrySectors;
    private static readonly Guid s_systemPartition = new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");

    /// <summary>The disk with this content in its partition.</summary>
    /// <param name="content">A FAT volume; whole sectors of 512 bytes.</param>
    /// <param name="name">The partition's; up to 36 characters. GUIDs are made of name and content.</param>
    public static byte[] Make(ReadOnlySpan<byte> content, string name)
    {
        if (content.Length % Sector != 0)
        {
            throw new ArgumentException($"{content.Length} bytes are no whole sectors");
        }

        string unique = name + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content));
        Guid disk = FirmwareGuid.Named("disk " + unique);
        int last = FirstSector + (content.Length / Sector) - 1;
        int backupEntries = Alignment.Up(last + 1, FirstSector);
        int backup = backupEntries + EntrySectors;
        byte[] image = new byte[(backup + 1) * Sector];
        content.CopyTo(image.AsSpan(FirstSector * Sector));
        WriteProtectiveRecord(image, backup);

        Span<byte> entries = image.AsSpan(2 * Sector, Entries * EntrySize);
        s_systemPartition.TryWriteBytes(entries);
        FirmwareGuid.Named("partition " + unique).TryWriteBytes(entries[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(entries[32..], FirstSector);
        BinaryPrimitives.WriteInt64LittleEndian(entries[40..], last);
        Encoding.Unicode.GetBytes(name, entries.Slice(56, 72));
        entries.CopyTo(image.AsSpan(backupEntries * Sector));
        WriteHeader(image, 1, backup, 2, backupEntries - 1, disk, entries);
        WriteHeader(image, backup, 1, backupEntries, backupEntries - 1, disk, entries);
        return image;
    }

    /// <summary>UEFI 2.10, 5.3.2: what the partition table's header says, with the checksums.</summary>
    private static void WriteHeader(byte[] image, int at, int other, int entriesAt, int lastUsable, Guid disk, ReadOnlySpan<byte> entries)
    {
        Span<byte> header = image.AsSpan(at * Sector, HeaderSize);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], 0x00010000);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], at);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], other);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], FirstUsable);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], lastUsable);
        disk.TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], entriesAt);
        BinaryPrimitives.WriteInt32LittleEndian(header[80..], Entries);
        BinaryPrimitives.WriteInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32(entries));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32(header));
    }

    /// <summary>UEFI 2.10, 5.2.3: one partition over the whole disk, so that what knows no GPT leaves it alone.</summary>
    private static void WriteProtectiveRecord(byte[] image, int lastSector)
    {
        Span<byte> record = image.AsSpan(446, 16);
        record[2] = 2; // starts at cylinder 0, head 0, sector 2
        record[4] = 0xEE;
        record[5..8].Fill(0xFF);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], lastSector);
        image[510] = 0x55;
        image[511] = 0xAA;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in bytes)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
