using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>A firmware volume with the files of a firmware file system: PI 1.8 volume 3, 3.2.1 and 3.2.2.</summary>
public sealed class Volume
{
    private const int LengthOffset = 0x20;
    private const int SignatureOffset = 0x28;
    private const int AttributesOffset = 0x2C;
    private const int HeaderLengthOffset = 0x30;
    private const int ChecksumOffset = 0x32;
    private const int ExtensionOffset = 0x34;
    private const int RevisionOffset = 0x37;
    private const int BlockMapOffset = 0x38;
    private const int MapEntry = 8;
    private const int FileAlignment = 8;
    private const int ExtensionSize = 20;
    private const uint ErasesToOnes = 0x800; // EFI_FVB2_ERASE_POLARITY

    /// <summary>Readable and writable as memory, erases to ones, aligned to 8 bytes, as volumes in memory are in edk2.</summary>
    private const uint NewAttributes = 0x0003_FEFF;
    private const int NewBlock = 0x1000;

    private readonly List<VolumeFile> _files = [];
    private readonly int _blockLength;
    private readonly int _blockMaps;

    private Volume(InputView view, int headerLength, int blockLength, int blockMaps)
    {
        View = view;
        HeaderLength = headerLength;
        _blockLength = blockLength;
        _blockMaps = blockMaps;
    }

    /// <summary>All of it.</summary>
    public InputView View { get; }

    /// <summary>Without an extended header.</summary>
    public int HeaderLength { get; }

    public IReadOnlyList<VolumeFile> Files => _files;

    /// <summary>Where the space behind the last file begins.</summary>
    public int FreeStart { get; private set; }

    public int FreeLength => View.Length - FreeStart;

    /// <summary>Whether a volume's signature is where it would be.</summary>
    public static bool IsAt(InputView view, int at) => view.Length - at >= BlockMapOffset && view.Span.Slice(at + SignatureOffset, 4).SequenceEqual("_FVH"u8);

    /// <summary>The length of the volume at a place, its header checked.</summary>
    public static int ReadLength(InputView view, int at) => ReadHeader(view, at).View.Length;

    /// <summary>Reads the volume at a place with all of its files; null when its file system is another (variables, say).</summary>
    /// <exception cref="InputError">Header, block map or a file is not as specified.</exception>
    public static Volume? Read(InputView view, int at)
    {
        Volume volume = ReadHeader(view, at);
        Guid fileSystem = volume.View.Guid(0x10, "EFI_FIRMWARE_VOLUME_HEADER.FileSystemGuid");
        bool hasLargeFiles = fileSystem == FirmwareGuid.FileSystem3;
        if (fileSystem != FirmwareGuid.FileSystem2 && !hasLargeFiles)
        {
            return null;
        }

        if ((volume.View.U32(AttributesOffset, "EFI_FIRMWARE_VOLUME_HEADER.Attributes") & ErasesToOnes) == 0)
        {
            throw volume.View.Fail(AttributesOffset, "EFI_FIRMWARE_VOLUME_HEADER.Attributes", "has no EFI_FVB2_ERASE_POLARITY: volumes that erase to zeros are not known");
        }

        volume.ReadFiles(hasLargeFiles);
        return volume;
    }

    /// <summary>Makes a volume that is just large enough for the files, and for some more bytes.</summary>
    public static byte[] Make(Guid name, IEnumerable<byte[]> files, int room = 0)
    {
        const int header = BlockMapOffset + (2 * MapEntry);
        List<byte> volume = [.. new byte[header], .. name.ToByteArray(), ExtensionSize, 0, 0, 0];
        foreach (byte[] file in files)
        {
            AppendFile(volume, file);
        }

        int length = Alignment.Up(volume.Count + room, NewBlock);
        volume.AddRange(Enumerable.Repeat((byte)0xFF, length - volume.Count));
        byte[] bytes = [.. volume];
        FirmwareGuid.FileSystem2.TryWriteBytes(bytes.AsSpan(0x10));
        "_FVH"u8.CopyTo(bytes.AsSpan(SignatureOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(AttributesOffset), NewAttributes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(HeaderLengthOffset), header);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(ExtensionOffset), header);
        bytes[RevisionOffset] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(BlockMapOffset + 4), NewBlock);
        SetLength(bytes, header, NewBlock);
        return bytes;
    }

    /// <summary>This volume with further files behind its own.</summary>
    /// <param name="mayGrow">Whether it gets larger, by whole blocks, when there is no room.</param>
    /// <param name="missing">The bytes that are missing where it may not.</param>
    /// <returns>Null when there is no room.</returns>
    public byte[]? With(IEnumerable<byte[]> more, bool mayGrow, out int missing)
    {
        List<byte> volume = [.. View.Span[..FreeStart]];
        foreach (byte[] file in more)
        {
            AppendFile(volume, file);
        }

        missing = Math.Max(0, volume.Count - View.Length);
        if (missing > 0 && (!mayGrow || _blockMaps != 1))
        {
            return null;
        }

        int length = View.Length + ((missing + _blockLength - 1) / _blockLength * _blockLength);
        volume.AddRange(Enumerable.Repeat((byte)0xFF, length - volume.Count));
        byte[] bytes = [.. volume];
        if (missing > 0)
        {
            SetLength(bytes, HeaderLength, _blockLength);
        }

        return bytes;
    }

    private static void AppendFile(List<byte> volume, byte[] file)
    {
        volume.AddRange(Enumerable.Repeat((byte)0xFF, Alignment.Up(volume.Count, FileAlignment) - volume.Count));
        volume.AddRange(file);
    }

    /// <summary>Sets what depends on the length: FvLength, the one entry of the block map, and the checksum.</summary>
    private static void SetLength(byte[] volume, int headerLength, int block)
    {
        BinaryPrimitives.WriteInt64LittleEndian(volume.AsSpan(LengthOffset), volume.Length);
        BinaryPrimitives.WriteInt32LittleEndian(volume.AsSpan(BlockMapOffset), volume.Length / block);
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(ChecksumOffset), 0);
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(ChecksumOffset), (ushort)-Sum16(volume.AsSpan(0, headerLength)));
    }

    private static Volume ReadHeader(InputView view, int at)
    {
        const string kind = "EFI_FIRMWARE_VOLUME_HEADER.";
        if (!IsAt(view, at))
        {
            throw view.Fail(at + SignatureOffset, kind + "Signature", "is not _FVH");
        }

        ulong length = view.U64(at + LengthOffset, kind + "FvLength");
        int headerLength = view.U16(at + HeaderLengthOffset, kind + "HeaderLength");
        if (length > (ulong)(view.Length - at) || length < (ulong)headerLength)
        {
            throw view.Fail(at + LengthOffset, kind + "FvLength", $"is 0x{length:x}, and 0x{view.Length - at:x} bytes are left");
        }

        InputView volume = view.Slice(at, (long)length, kind + "FvLength");
        if (headerLength < BlockMapOffset + MapEntry || headerLength % 2 != 0)
        {
            throw volume.Fail(HeaderLengthOffset, kind + "HeaderLength", $"is 0x{headerLength:x}");
        }

        if (volume.U8(RevisionOffset, kind + "Revision") != 2)
        {
            throw volume.Fail(RevisionOffset, kind + "Revision", $"is {volume.Span[RevisionOffset]}, not 2");
        }

        if (Sum16(volume.Slice(0, headerLength, kind + "HeaderLength").Span) != 0)
        {
            throw volume.Fail(ChecksumOffset, kind + "Checksum", "does not make the header's sum zero");
        }

        (int blockLength, int blockMaps) = ReadBlockMap(volume, headerLength);
        return new Volume(volume, headerLength, blockLength, blockMaps);
    }

    /// <summary>Reads the block map up to its end, and holds it against the volume's length.</summary>
    /// <returns>Bytes in a block of the last entry, and how many entries there are.</returns>
    private static (int BlockLength, int Count) ReadBlockMap(InputView volume, int headerLength)
    {
        const string field = "EFI_FIRMWARE_VOLUME_HEADER.BlockMap";
        ulong mapped = 0;
        int blockLength = 0;
        int entries = 0;
        for (int entry = BlockMapOffset; ; entry += MapEntry)
        {
            if (entry + MapEntry > headerLength)
            {
                throw volume.Fail(entry, field, "has no end within the header");
            }

            uint count = volume.U32(entry, field + ".NumBlocks");
            uint each = volume.U32(entry + 4, field + ".Length");
            if (count == 0 && each == 0)
            {
                break;
            }

            if (count == 0 || each == 0 || each > volume.Length)
            {
                throw volume.Fail(entry, field, $"has {count} blocks of {each} bytes");
            }

            mapped += (ulong)count * each;
            blockLength = (int)each;
            entries++;
        }

        return mapped == (ulong)volume.Length
            ? (blockLength, entries)
            : throw volume.Fail(BlockMapOffset, field, $"covers 0x{mapped:x} bytes of 0x{volume.Length:x}");
    }

    private void ReadFiles(bool hasLargeFiles)
    {
        HashSet<Guid> names = [];
        int at = FirstFile();
        while (true)
        {
            at = Alignment.Up(at, FileAlignment);
            if (at >= View.Length || !View.Span[at..Math.Min(at + 24, View.Length)].ContainsAnyExcept((byte)0xFF))
            {
                break;
            }

            VolumeFile file = VolumeFile.Read(View, at, 0xFF, hasLargeFiles);
            if (file.Type != FileType.Pad && !names.Add(file.Name))
            {
                throw View.Fail(at, "EFI_FFS_FILE_HEADER.Name", $"{file.Name} is there twice");
            }

            _files.Add(file);
            int end = at + file.View.Length;
            at = Math.Min(Alignment.Up(end, FileAlignment), View.Length);
        }

        FreeStart = Math.Min(at, View.Length);
        int used = View.Span[FreeStart..].IndexOfAnyExcept((byte)0xFF);
        if (used >= 0)
        {
            throw View.Fail(FreeStart + used, "free space", "is not erased");
        }
    }

    /// <summary>Behind the header, or behind the extended header if there is one (PI 1.8 volume 3, 3.2.1.2).</summary>
    private int FirstFile()
    {
        int extension = View.U16(ExtensionOffset, "EFI_FIRMWARE_VOLUME_HEADER.ExtHeaderOffset");
        if (extension == 0)
        {
            return HeaderLength;
        }

        uint size = View.U32(extension + 16, "EFI_FIRMWARE_VOLUME_EXT_HEADER.ExtHeaderSize");
        if (extension < HeaderLength || size < ExtensionSize)
        {
            throw View.Fail(ExtensionOffset, "EFI_FIRMWARE_VOLUME_HEADER.ExtHeaderOffset", $"0x{extension:x} with 0x{size:x} bytes is no extended header");
        }

        return extension + View.Slice(extension, size, "EFI_FIRMWARE_VOLUME_EXT_HEADER.ExtHeaderSize").Length;
    }

    private static ushort Sum16(ReadOnlySpan<byte> bytes)
    {
        ushort sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]);
        }

        return sum;
    }
}
