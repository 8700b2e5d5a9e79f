using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>A file of a firmware volume: EFI_FFS_FILE_HEADER and its content. PI 1.8 volume 3, 3.2.3.</summary>
/// <param name="Name">Unique in the volume, but for pad files.</param>
/// <param name="Type">Its type.</param>
/// <param name="View">Header and content.</param>
/// <param name="HeaderSize">24 bytes, or 32 with ExtendedSize.</param>
public sealed record VolumeFile(Guid Name, FileType Type, InputView View, int HeaderSize)
{
    private const int TypeOffset = 18;
    private const int AttributesOffset = 19;
    private const int SizeOffset = 20;
    private const int StateOffset = 23;
    private const int ChecksumOffset = 16;
    private const int DataChecksumOffset = 17;
    private const int ShortHeader = 24;
    private const int LongHeader = 32;
    private const byte IsLarge = 0x01;
    private const byte HasChecksum = 0x40;
    private const byte NoChecksum = 0xAA; // FFS_FIXED_CHECKSUM
    private const byte Valid = 0x07; // EFI_FILE_HEADER_CONSTRUCTION, EFI_FILE_HEADER_VALID and EFI_FILE_DATA_VALID

    public InputView Content => View.Slice(HeaderSize, View.Length - HeaderSize, "Size");

    /// <summary>Reads and checks the file at a place of a volume.</summary>
    /// <param name="polarity">What an erased byte of the volume is: state bits are kept inverted where it is 0xFF.</param>
    /// <param name="hasLargeFiles">Whether the volume's file system knows them.</param>
    public static VolumeFile Read(InputView volume, int at, byte polarity, bool hasLargeFiles)
    {
        byte attributes = volume.U8(at + AttributesOffset, "EFI_FFS_FILE_HEADER.Attributes");
        bool isLarge = (attributes & IsLarge) != 0;
        if (isLarge && !hasLargeFiles)
        {
            throw volume.Fail(at + AttributesOffset, "EFI_FFS_FILE_HEADER.Attributes", "has FFS_ATTRIB_LARGE_FILE in a volume without such files");
        }

        int header = isLarge ? LongHeader : ShortHeader;
        ulong size = isLarge
            ? volume.U64(at + ShortHeader, "EFI_FFS_FILE_HEADER2.ExtendedSize")
            : (ulong)volume.U24(at + SizeOffset, "EFI_FFS_FILE_HEADER.Size");
        if (size < (ulong)header || size > (ulong)(volume.Length - at))
        {
            throw volume.Fail(at + SizeOffset, "EFI_FFS_FILE_HEADER.Size", $"is 0x{size:x}, and the file must be between 0x{header:x} and 0x{volume.Length - at:x} bytes long");
        }

        byte state = (byte)(volume.U8(at + StateOffset, "EFI_FFS_FILE_HEADER.State") ^ polarity);
        if (state != Valid)
        {
            throw volume.Fail(at + StateOffset, "EFI_FFS_FILE_HEADER.State", $"is 0x{state:x2}, and only valid files (0x07) are expected");
        }

        VolumeFile file = new(
            volume.Guid(at, "EFI_FFS_FILE_HEADER.Name"), (FileType)volume.U8(at + TypeOffset, "EFI_FFS_FILE_HEADER.Type"),
            volume.Slice(at, (long)size, "EFI_FFS_FILE_HEADER.Size"), header);
        if (HeaderSum(file.View.Span[..header]) != 0)
        {
            throw volume.Fail(at + ChecksumOffset, "EFI_FFS_FILE_HEADER.IntegrityCheck.Checksum.Header", "does not make the header's sum zero");
        }

        byte expected = (attributes & HasChecksum) != 0 ? (byte)-Sum(file.Content.Span) : NoChecksum;
        if (file.View.Span[DataChecksumOffset] != expected)
        {
            throw volume.Fail(
                at + DataChecksumOffset, "EFI_FFS_FILE_HEADER.IntegrityCheck.Checksum.File", $"is 0x{file.View.Span[DataChecksumOffset]:x2}, not 0x{expected:x2}");
        }

        return file;
    }

    /// <summary>Makes a file of sections, without data checksum, for a volume whose erased bytes are 0xFF.</summary>
    /// <exception cref="ArgumentException">It is 16 MiB or more.</exception>
    public static byte[] Make(Guid name, FileType type, ReadOnlySpan<byte> content)
    {
        byte[] file = new byte[ShortHeader + content.Length];
        name.TryWriteBytes(file);
        file[TypeOffset] = (byte)type;
        content.CopyTo(file.AsSpan(ShortHeader));
        Seal(file, ShortHeader);
        return file;
    }

    /// <summary>This file with other content, its size and checksums set anew.</summary>
    public byte[] WithContent(ReadOnlySpan<byte> content)
    {
        byte[] file = [.. View.Span[..HeaderSize], .. content];
        Seal(file, HeaderSize);
        return file;
    }

    private static void Seal(byte[] file, int header)
    {
        if (header == LongHeader)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(ShortHeader), file.Length);
        }
        else if (file.Length > 0xFFFFFF)
        {
            throw new ArgumentException($"a file of {file.Length} bytes; without FFS_ATTRIB_LARGE_FILE it is smaller than 16 MiB");
        }
        else
        {
            file[SizeOffset] = (byte)file.Length;
            file[SizeOffset + 1] = (byte)(file.Length >> 8);
            file[SizeOffset + 2] = (byte)(file.Length >> 16);
        }

        file[StateOffset] = 0xFF ^ Valid;
        file[ChecksumOffset] = 0;
        file[DataChecksumOffset] = (file[AttributesOffset] & HasChecksum) != 0 ? (byte)-Sum(file.AsSpan(header)) : NoChecksum;
        file[ChecksumOffset] = (byte)-HeaderSum(file.AsSpan(0, header));
    }

    // State and the content's checksum do not count.
    private static byte HeaderSum(ReadOnlySpan<byte> header) => (byte)(Sum(header) - header[StateOffset] - header[DataChecksumOffset]);

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte each in bytes)
        {
            sum += each;
        }

        return sum;
    }
}
