using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>A section of a file: EFI_COMMON_SECTION_HEADER and what follows. PI 1.8 volume 3, 3.2.5.</summary>
/// <param name="Type">Its type.</param>
/// <param name="View">Header and content.</param>
/// <param name="HeaderSize">4 bytes, or 8 with ExtendedSize.</param>
public sealed record Section(SectionType Type, InputView View, int HeaderSize)
{
    private const int ShortHeader = 4;
    private const int LongHeader = 8;
    private const int Extended = 0xFFFFFF;

    public InputView Content => View.Slice(HeaderSize, View.Length - HeaderSize, "Size");

    /// <summary>Reads a stream of sections, each of which begins at a multiple of 4 bytes from its start.</summary>
    /// <exception cref="InputError">One that does not fit, or bytes between them that are not zero.</exception>
    public static List<Section> ReadAll(InputView stream)
    {
        List<Section> sections = [];
        for (int at = 0; at < stream.Length;)
        {
            int size = stream.U24(at, "EFI_COMMON_SECTION_HEADER.Size");
            int header = size == Extended ? LongHeader : ShortHeader;
            long length = size == Extended ? stream.U32(at + ShortHeader, "EFI_COMMON_SECTION_HEADER2.ExtendedSize") : size;
            if (length < header)
            {
                throw stream.Fail(at, "EFI_COMMON_SECTION_HEADER.Size", $"is {length}, less than the header's {header} bytes");
            }

            SectionType type = (SectionType)stream.U8(at + 3, "EFI_COMMON_SECTION_HEADER.Type");
            sections.Add(new Section(type, stream.Slice(at, length, "EFI_COMMON_SECTION_HEADER.Size"), header));
            int end = at + (int)length;
            at = Alignment.Up(end, 4);
            if (at < stream.Length && stream.Span[end..at].ContainsAnyExcept((byte)0))
            {
                throw stream.Fail(end, "padding of a section", "is not zero");
            }
        }

        return sections;
    }

    /// <summary>Writes a section with its header, and zeros up to the next multiple of 4 before it.</summary>
    public static void Append(List<byte> stream, SectionType type, ReadOnlySpan<byte> content)
    {
        while (stream.Count % 4 != 0)
        {
            stream.Add(0);
        }

        Span<byte> header = stackalloc byte[LongHeader];
        bool isLong = content.Length + ShortHeader >= Extended;
        int size = content.Length + (isLong ? LongHeader : ShortHeader);
        BinaryPrimitives.WriteInt32LittleEndian(header, isLong ? Extended : size);
        header[3] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(header[ShortHeader..], size);
        stream.AddRange(header[..(isLong ? LongHeader : ShortHeader)]);
        stream.AddRange(content);
    }

    /// <summary>The name that a person sees (EFI_SECTION_USER_INTERFACE: PI 1.8 volume 3, 3.2.5.17).</summary>
    public static void AppendName(List<byte> stream, string name) => Append(stream, SectionType.UserInterface, Encoding.Unicode.GetBytes(name + '\0'));

    /// <summary>A version with build number 0 (EFI_SECTION_VERSION: PI 1.8 volume 3, 3.2.5.18).</summary>
    public static void AppendVersion(List<byte> stream, string version) =>
        Append(stream, SectionType.Version, [0, 0, .. Encoding.Unicode.GetBytes(version + '\0')]);
}
