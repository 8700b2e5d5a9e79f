using System;
using System.Buffers.Binary;
using NetBoot.Boot.App.Images;

namespace NetBoot.Boot.App.Script;

/// <summary>
/// A script inside the application's own image, in a section of its own: <c>./netboot image app</c> puts it there without a compiler,
/// before the image is signed, so that the signature covers it.
/// </summary>
public static class EmbeddedScript
{
    public const string SectionName = ".script";

    // Microsoft PE and COFF specification: file offset of the header, then COFF header, optional header and section table.
    private const int PeOffsetAt = 0x3C;
    private const int SectionCountAt = 6;
    private const int OptionalSizeAt = 20;
    private const int CoffEnd = 24;
    private const int SectionHeaderSize = 40;
    private const int NameSize = 8;

    /// <summary>The script's bytes in an image in memory; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> image)
    {
        if (!ExecutableFile.IsExecutable(image))
        {
            return default;
        }

        ReadOnlySpan<byte> header = image.Slice((int)BinaryPrimitives.ReadUInt32LittleEndian(image.Slice(PeOffsetAt)));
        if (header.Length < CoffEnd)
        {
            return default;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(SectionCountAt));
        int at = CoffEnd + BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(OptionalSizeAt));
        for (int i = 0; i < count && header.Length - at >= SectionHeaderSize; i++, at += SectionHeaderSize)
        {
            ReadOnlySpan<byte> section = header.Slice(at, SectionHeaderSize);
            if (section.Slice(0, NameSize).SequenceEqual(".script\0"u8))
            {
                uint size = BinaryPrimitives.ReadUInt32LittleEndian(section.Slice(8));
                uint address = BinaryPrimitives.ReadUInt32LittleEndian(section.Slice(12));
                return address > (uint)image.Length || size > (uint)image.Length - address ? default : image.Slice((int)address, (int)size);
            }
        }

        return default;
    }
}
