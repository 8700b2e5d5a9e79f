using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// What an <see cref="ImageFolder"/> lists, as a FAT32 volume (Microsoft's FAT specification, 1.03), for loaders with file systems of their own, as
/// GRUB. The directories are in memory; all else is made as it is read. Not there are files of 4 GiB and more, and names beyond 255 characters.
/// </summary>
/// <remarks>Uses memory of the current arena, and the folder.</remarks>
public sealed unsafe class FatView
{
    /// <summary>In bytes.</summary>
    public const int SectorSize = 512;

    private const int ClusterSize = 4096;
    private const int SectorsPerCluster = ClusterSize / SectorSize;
    private const int ReservedSectors = 32;
    private const uint FirstCluster = 2;

    /// <summary>A volume with fewer than 65,525 has entries of 16 bits.</summary>
    private const uint LeastClusters = 1 << 16;

    private const int EntrySize = 32;
    private const int EntriesPerSector = SectorSize / sizeof(uint);
    private const uint EndOfChain = 0x0FFFFFFF;
    private const byte Media = 0xF8;
    private const int MaximumName = 255;
    private const int NamePerEntry = 13;

    private const byte ReadOnlyAttribute = 0x01;
    private const byte VolumeAttribute = 0x08;
    private const byte DirectoryAttribute = 0x10;
    private const byte LongNameAttribute = 0x0F;

    private const byte InfoSector = 1;

    /// <summary>But for the numbers of this volume.</summary>
    private static ReadOnlySpan<byte> BootSector =>
    [
        0xEB, 0x58, 0x90, (byte)'N', (byte)'E', (byte)'T', (byte)'B', (byte)'O', (byte)'O', (byte)'T', (byte)' ',
        SectorSize & 0xFF, SectorSize >> 8, SectorsPerCluster, ReservedSectors, 0,
        1, 0, 0, 0, 0, Media, 0, 0, 63, 0, 255, 0, 0, 0, 0, 0, // One table; sectors of a track, and heads.
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        InfoSector, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0x80, 0, 0x29, // A hard disk; what follows is there.
    ];

    private readonly ImageFolder _folder;
    private readonly List<Extent> _extents = new();
    private readonly uint _clusters;
    private readonly uint _fatSectors;

    /// <param name="folder">What is on it.</param>
    public FatView(ImageFolder folder)
    {
        _folder = folder;
        List<Directory> directories = new();
        directories.Add(new Directory());
        for (int i = 0; i < directories.Count; i++)
        {
            Fill(directories[i], directories);
        }

        _clusters = Math.Max(LeastClusters, NextCluster - FirstCluster);
        _fatSectors = (_clusters + FirstCluster + EntriesPerSector - 1) / EntriesPerSector;
    }

    /// <summary>In sectors.</summary>
    public ulong Length => DataStart + (ulong)_clusters * SectorsPerCluster;

    private ulong DataStart => ReservedSectors + _fatSectors;

    private uint NextCluster => _extents.Count == 0 ? FirstCluster : _extents[_extents.Count - 1].End;

    /// <summary>Reads sectors.</summary>
    /// <param name="sector">The first.</param>
    /// <param name="target">Receives them.</param>
    /// <param name="count">How many; not more than there are from the first on.</param>
    public void Read(ulong sector, byte* target, ulong count)
    {
        while (count > 0)
        {
            ulong done = 1;
            Span<byte> bytes = new(target, SectorSize);
            if (sector >= DataStart)
            {
                done = ReadData(sector - DataStart, target, count);
            }
            else if (sector >= ReservedSectors)
            {
                WriteChains((uint)(sector - ReservedSectors) * EntriesPerSector, bytes);
            }
            else
            {
                WriteReserved(sector, bytes);
            }

            sector += done;
            target += done * SectorSize;
            count -= done;
        }
    }

    /// <summary>A run of clusters.</summary>
    private sealed class Extent
    {
        public uint First;
        public uint Count;

        /// <summary>Of a directory; null where it is a file's.</summary>
        public byte[]? Directory;

        /// <summary>In the folder.</summary>
        public int File;

        public uint End => First + Count;
    }

    /// <summary>A directory that is to be filled; the root by default.</summary>
    private sealed class Directory
    {
        /// <summary>A file below it, whose name begins with its path.</summary>
        public int File;

        /// <summary>With the separator at its end; 0 for the root.</summary>
        public int PathLength;

        /// <summary>0 where it is the root, as the specification has it.</summary>
        public uint ParentCluster;

        /// <summary>Where its own cluster has to be told.</summary>
        public byte[] ParentEntries = [];

        public int ParentEntry;
    }

    /// <summary>Lays out a directory, and gives its files their clusters; what is below it comes later.</summary>
    private void Fill(Directory directory, List<Directory> directories)
    {
        ReadOnlySpan<char> path = _folder[directory.File].Name.AsSpan(0, directory.PathLength);
        bool isRoot = path.Length == 0;
        Span<char> name = stackalloc char[MaximumName];
        int slots = 2; // Of the root the label, and one that stays empty.
        for (int i = 0; i < _folder.Count; i++)
        {
            slots += TryName(path, i, name, out int length, out _) ? EntriesOf(length) : 0;
        }

        int size = slots * EntrySize;
        byte[] entries = new byte[(size + ClusterSize - 1) / ClusterSize * ClusterSize];
        uint cluster = Allocate((uint)(entries.Length / ClusterSize), entries, 0);
        if (isRoot)
        {
            WriteEntry(entries, 0, "NETBOOT    "u8, VolumeAttribute, 0, 0);
        }
        else
        {
            WriteEntry(entries, 0, ".          "u8, DirectoryAttribute, cluster, 0);
            WriteEntry(entries, 1, "..         "u8, DirectoryAttribute, directory.ParentCluster, 0);
            SetCluster(directory.ParentEntries.AsSpan(directory.ParentEntry * EntrySize), cluster);
        }

        int slot = isRoot ? 1 : 2;
        for (int i = 0; i < _folder.Count; i++)
        {
            if (!TryName(path, i, name, out int length, out bool isDirectory))
            {
                continue;
            }

            uint bytes = isDirectory ? 0 : (uint)_folder[i].Length;
            uint first = bytes == 0 ? 0 : Allocate((bytes - 1) / ClusterSize + 1, null, i);
            slot = WriteNames(entries, slot, name.Slice(0, length), isDirectory ? DirectoryAttribute : ReadOnlyAttribute, first, bytes);
            if (isDirectory)
            {
                _folder.TryList(path, i, out ReadOnlySpan<char> its, out _);
                directories.Add(new Directory
                {
                    File = i,
                    PathLength = path.Length + its.Length + 1,
                    ParentCluster = isRoot ? 0 : cluster,
                    ParentEntries = entries,
                    ParentEntry = slot - 1,
                });
            }
        }
    }

    /// <summary>What a file of the folder is in a directory, if it is anything.</summary>
    private bool TryName(ReadOnlySpan<char> directory, int file, scoped Span<char> name, out int length, out bool isDirectory)
    {
        length = 0;
        if (!_folder.TryList(directory, file, out ReadOnlySpan<char> text, out isDirectory) || (!isDirectory && _folder[file].Length > uint.MaxValue))
        {
            return false;
        }

        for (int at = 0; at < text.Length;)
        {
            if (length == name.Length)
            {
                return false;
            }

            name[length++] = ByteText.NextUcs2(text, ref at);
        }

        return true;
    }

    private uint Allocate(uint count, byte[]? directory, int file)
    {
        Extent extent = new() { First = NextCluster, Count = count, Directory = directory, File = file };
        _extents.Add(extent);
        return extent.First;
    }

    private static int EntriesOf(int nameLength) => (nameLength + NamePerEntry - 1) / NamePerEntry + 1;

    /// <summary>Writes a name's entries, the last part first, and the file's own behind them; the slot behind that.</summary>
    private static int WriteNames(byte[] entries, int slot, ReadOnlySpan<char> name, byte attribute, uint cluster, uint size)
    {
        int parts = EntriesOf(name.Length) - 1;
        int own = slot + parts;
        Span<byte> alias = stackalloc byte[11]; // Nobody is to see it; it only has to be another one each time.
        alias.Fill((byte)' ');
        byte sum = 0;
        for (int i = 0; i < alias.Length; i++)
        {
            alias[i] = i < 8 ? "0123456789ABCDEF"u8[(own >> (28 - 4 * i)) & 0xF] : alias[i];
            sum = (byte)((sum << 7 | sum >> 1) + alias[i]);
        }

        for (int part = parts; part > 0; part--)
        {
            Span<byte> entry = entries.AsSpan(slot++ * EntrySize, EntrySize);
            entry[0] = (byte)(part | (part == parts ? 0x40 : 0));
            entry[11] = LongNameAttribute;
            entry[13] = sum;
            for (int i = 0; i < NamePerEntry; i++)
            {
                int at = (part - 1) * NamePerEntry + i;
                char c = at < name.Length ? name[at] : at == name.Length ? '\0' : '\uFFFF';
                int offset = i < 5 ? 1 + 2 * i : i < 11 ? 4 + 2 * i : 6 + 2 * i;
                BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(offset), c);
            }
        }

        WriteEntry(entries, slot, alias, attribute, cluster, size);
        return slot + 1;
    }

    private static void WriteEntry(byte[] entries, int slot, ReadOnlySpan<byte> name, byte attribute, uint cluster, uint size)
    {
        const ushort FirstDay = 0x21; // 1980-01-01
        Span<byte> entry = entries.AsSpan(slot * EntrySize, EntrySize);
        name.CopyTo(entry);
        entry[11] = attribute;
        BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(16), FirstDay);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(18), FirstDay);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(24), FirstDay);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.Slice(28), size);
        SetCluster(entry, cluster);
    }

    private static void SetCluster(Span<byte> entry, uint cluster)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(20), (ushort)(cluster >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(entry.Slice(26), (ushort)cluster);
    }

    private Extent? Find(uint cluster)
    {
        foreach (Extent extent in _extents)
        {
            if (cluster >= extent.First && cluster < extent.End)
            {
                return extent;
            }
        }

        return null;
    }

    /// <summary>Reads from one extent, or a sector that is in none; how many sectors that were.</summary>
    private ulong ReadData(ulong sector, byte* target, ulong count)
    {
        Extent? extent = Find((uint)(sector / SectorsPerCluster) + FirstCluster);
        if (extent is null)
        {
            new Span<byte>(target, SectorSize).Clear();
            return 1;
        }

        ulong begin = sector - (ulong)(extent.First - FirstCluster) * SectorsPerCluster;
        ulong sectors = Math.Min(count, (ulong)extent.Count * SectorsPerCluster - begin);
        ulong position = begin * SectorSize;
        ulong length = extent.Directory is byte[] directory ? (ulong)directory.Length : _folder[extent.File].Length;
        ulong bytes = sectors * SectorSize;
        ulong there = Math.Min(bytes, length - Math.Min(length, position));
        if (there > 0 && extent.Directory is byte[] entries)
        {
            entries.AsSpan((int)position, (int)there).CopyTo(new Span<byte>(target, (int)there));
        }
        else if (there > 0)
        {
            _folder[extent.File].Read(position, target, there);
        }

        if (there < bytes)
        {
            new Span<byte>(target + there, (int)(bytes - there)).Clear(); // Less than a cluster.
        }

        return sectors;
    }

    /// <summary>A sector of the table that leads from each cluster to the next.</summary>
    private void WriteChains(uint first, Span<byte> sector)
    {
        Extent? extent = null;
        for (uint i = 0; i < EntriesPerSector; i++)
        {
            uint cluster = first + i;
            extent = extent is not null && cluster < extent.End ? extent : Find(cluster);
            uint next = cluster switch
            {
                0 => EndOfChain & ~0xFFu | Media,
                1 => EndOfChain,
                _ => extent is null ? 0 : cluster + 1 == extent.End ? EndOfChain : cluster + 1,
            };
            BinaryPrimitives.WriteUInt32LittleEndian(sector.Slice((int)i * sizeof(uint)), next);
        }
    }

    private void WriteReserved(ulong sector, Span<byte> bytes)
    {
        bytes.Clear();
        if (sector == 0)
        {
            BootSector.CopyTo(bytes);
            "TOBNNETBOOT    FAT32   "u8.CopyTo(bytes.Slice(67)); // serial number, label, type
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(32), (uint)Length);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(36), _fatSectors);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(44), _extents[0].First);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.Slice(510), 0xAA55);
        }
        else if (sector == InfoSector)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x41615252);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(484), 0x61417272);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(488), _clusters - (NextCluster - FirstCluster)); // free
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(492), uint.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice(508), 0xAA550000);
        }
    }
}
