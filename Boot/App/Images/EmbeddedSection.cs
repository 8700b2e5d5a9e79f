using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// What was put into the application's own image, each in a section of its own: <c>./netboot image app</c> does so without a compiler, before the
/// image is signed, so that the signature covers it.
/// </summary>
public static class EmbeddedSection
{
    /// <summary>A script.</summary>
    public const string Script = ".script";

    /// <summary>Roots of public authorities, trusted for servers and not for signatures, in DER, one behind the other.</summary>
    public const string Roots = ".roots";

    /// <summary>Certificates that the image's owner trusts for all, in DER, one behind the other.</summary>
    public const string Trust = ".trust";

    /// <summary>The client's own certificate, in DER.</summary>
    public const string Certificate = ".cert";

    /// <summary>Its key, in PEM.</summary>
    public const string Key = ".privkey";

    /// <summary>Words, with blanks between: <see cref="HttpsOnly"/>, <see cref="OwnRootsOnly"/>.</summary>
    public const string Policy = ".policy";

    /// <summary>In <see cref="Policy"/>: nothing is fetched but by HTTPS, and from the disk that the application is on.</summary>
    public const string HttpsOnly = "https-only";

    /// <summary>In <see cref="Policy"/>: those of <see cref="Trust"/> are the only ones that are trusted, not the firmware's.</summary>
    public const string OwnRootsOnly = "own-roots-only";

    // Microsoft PE and COFF specification: file offset of the header, then COFF header, optional header and section table.
    private const int PeOffsetAt = 0x3C;
    private const int SectionCountAt = 6;
    private const int OptionalSizeAt = 20;
    private const int CoffEnd = 24;
    private const int SectionHeaderSize = 40;
    private const int NameSize = 8;

    /// <summary>A section's bytes in an image in memory; empty when there is none.</summary>
    /// <param name="image">From its first byte on.</param>
    /// <param name="name">The section's.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> image, string name)
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
            if (IsNamed(section.Slice(0, NameSize), name))
            {
                uint size = BinaryPrimitives.ReadUInt32LittleEndian(section.Slice(8));
                uint address = BinaryPrimitives.ReadUInt32LittleEndian(section.Slice(12));
                return address > (uint)image.Length || size > (uint)image.Length - address ? default : image.Slice((int)address, (int)size);
            }
        }

        return default;
    }

    /// <summary>Whether a word is in <see cref="Policy"/>.</summary>
    public static bool HasPolicy(ReadOnlySpan<byte> policy, string word)
    {
        while (!policy.IsEmpty)
        {
            int blank = policy.IndexOf((byte)' ');
            if (IsNamed(blank < 0 ? policy : policy.Slice(0, blank), word))
            {
                return true;
            }

            policy = blank < 0 ? default : policy.Slice(blank + 1);
        }

        return false;
    }

    /// <summary>Whether bytes are a name, with zeros behind it or none.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> bytes, string name)
    {
        bool isSame = bytes.Length >= name.Length;
        for (int i = 0; isSame && i < bytes.Length; i++)
        {
            isSame = bytes[i] == (i < name.Length ? name[i] : '\0');
        }

        return isSame;
    }
}
