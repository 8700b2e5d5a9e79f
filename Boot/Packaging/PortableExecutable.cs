using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace Boot.Packaging;

/// <summary>A UEFI image, 64-bit: a PE32+ file (Microsoft PE and COFF specification). What is used of it is checked when it is read.</summary>
public sealed class PortableExecutable
{
    public const ushort X64 = 0x8664;
    public const ushort Aarch64 = 0xAA64;
    public const ushort Application = 10; // IMAGE_SUBSYSTEM_EFI_APPLICATION
    public const ushort BootServiceDriver = 11;
    public const ushort RuntimeDriver = 12;

    // Of the optional header, PE32+.
    private const int SectionAlignmentOffset = 32;
    private const int FileAlignmentOffset = 36;
    private const int SizeOfImageOffset = 56;
    private const int SizeOfHeadersOffset = 60;
    private const int CheckSumOffset = 64;
    private const int SubsystemOffset = 68;
    private const int DirectoriesOffset = 112;
    private const int CertificateDirectory = 4;
    private const int SectionHeaderSize = 40;
    private const uint ReadOnlyData = 0x4000_0040; // IMAGE_SCN_MEM_READ, IMAGE_SCN_CNT_INITIALIZED_DATA

    private readonly InputView view;
    private readonly int coff;
    private readonly int optional;
    private readonly int table;
    private readonly List<PortableSection> sections = [];

    /// <exception cref="InputError">It is no such file, or damaged.</exception>
    public PortableExecutable(string name, byte[] bytes)
    {
        view = new InputView(name, bytes);
        if (view.U16(0, "e_magic") != 0x5A4D)
        {
            throw view.Fail(0, "e_magic", "is not MZ: this is no .efi image");
        }

        uint header = view.U32(0x3C, "e_lfanew");
        if (view.U32(header, "PE signature") != 0x4550)
        {
            throw view.Fail(header, "PE signature", "is not PE");
        }

        coff = (int)header + 4;
        optional = coff + 20;
        table = optional + view.U16(coff + 16, "SizeOfOptionalHeader");
        Machine = view.U16(coff, "Machine");
        if (Machine is not (X64 or Aarch64))
        {
            throw view.Fail(coff, "Machine", $"is 0x{Machine:x4}, neither x64 nor AArch64");
        }

        if (view.U16(optional, "Magic") != 0x20B)
        {
            throw view.Fail(optional, "Magic", "is not PE32+");
        }

        Subsystem = view.U16(optional + SubsystemOffset, "Subsystem");
        if (Subsystem is not (Application or BootServiceDriver or RuntimeDriver))
        {
            throw view.Fail(optional + SubsystemOffset, "Subsystem", $"is {Subsystem}, none of UEFI's");
        }

        ReadSections();
    }

    public string Name => view.Name;

    public ReadOnlySpan<byte> Bytes => view.Span;

    public ushort Machine { get; }

    public ushort Subsystem { get; }

    public bool IsApplication => Subsystem == Application;

    /// <summary>Whether it carries a signature, whosever.</summary>
    public bool IsSigned =>
        view.U32(optional + DirectoriesOffset - 4, "NumberOfRvaAndSizes") > CertificateDirectory && view.U64(Certificates, "certificate table") != 0;

    public string MachineName => NameOf(Machine);

    /// <summary>In the order of their addresses.</summary>
    public IReadOnlyList<PortableSection> Sections => sections;

    public static string NameOf(ushort machine) => machine switch { X64 => "x64", Aarch64 => "aa64", _ => $"machine 0x{machine:x4}" };

    /// <summary>The section's content in the file, or null.</summary>
    public byte[]? Content(string section)
    {
        PortableSection? found = sections.Find(each => each.Name == section);
        return found == null ? null : view.Span.Slice(found.FileOffset, Math.Min(found.FileSize, found.Size)).ToArray();
    }

    /// <summary>
    /// This image with one more section of read-only data at its end: as if the linker had put it there, so that the result can be signed.
    /// </summary>
    /// <exception cref="InputError">It has one of that name, is signed already, or has no room for a section header.</exception>
    public byte[] WithSection(string section, ReadOnlySpan<byte> content)
    {
        if (sections.Exists(each => each.Name == section))
        {
            throw view.Fail(table, "section table", $"has a section {section} already");
        }

        if (IsSigned)
        {
            throw view.Fail(Certificates, "certificate table", "is there: a signed image cannot be changed. Sign it afterwards");
        }

        int sectionAlignment = ReadAlignment(SectionAlignmentOffset, "SectionAlignment");
        int fileAlignment = ReadAlignment(FileAlignmentOffset, "FileAlignment");
        int header = table + (SectionHeaderSize * sections.Count);
        uint headers = view.U32(optional + SizeOfHeadersOffset, "SizeOfHeaders");
        if (header + SectionHeaderSize > headers)
        {
            throw view.Fail(optional + SizeOfHeadersOffset, "SizeOfHeaders", $"is 0x{headers:x}: no room for another section header");
        }

        uint size = view.U32(optional + SizeOfImageOffset, "SizeOfImage");
        if (size > int.MaxValue / 2)
        {
            throw view.Fail(optional + SizeOfImageOffset, "SizeOfImage", $"is 0x{size:x}");
        }

        int address = Alignment.Up((int)size, sectionAlignment);
        int offset = Alignment.Up(view.Length, fileAlignment);
        int length = Alignment.Up(content.Length, fileAlignment);
        byte[] image = new byte[offset + length];
        view.Span.CopyTo(image);
        content.CopyTo(image.AsSpan(offset));
        Span<byte> entry = image.AsSpan(header, SectionHeaderSize);
        entry.Clear();
        Encoding.ASCII.GetBytes(section, entry[..8]);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[12..], address);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[20..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[36..], ReadOnlyData);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(coff + 2), (ushort)(sections.Count + 1));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(optional + SizeOfImageOffset), Alignment.Up(address + content.Length, sectionAlignment));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(optional + CheckSumOffset), 0); // as the linker leaves it: firmware does not look
        return image;
    }

    private int Certificates => optional + DirectoriesOffset + (8 * CertificateDirectory);

    private void ReadSections()
    {
        int count = view.U16(coff + 2, "NumberOfSections");
        for (int i = 0; i < count; i++)
        {
            int at = table + (i * SectionHeaderSize);
            InputView header = view.Slice(at, SectionHeaderSize, $"section header {i}");
            uint fileSize = header.U32(16, "SizeOfRawData");
            uint fileOffset = header.U32(20, "PointerToRawData");
            if ((ulong)fileOffset + fileSize > (ulong)view.Length)
            {
                throw header.Fail(16, "SizeOfRawData", $"is 0x{fileSize:x} from 0x{fileOffset:x} on, beyond the file's end");
            }

            uint size = header.U32(8, "VirtualSize");
            if (size > int.MaxValue)
            {
                throw header.Fail(8, "VirtualSize", $"is 0x{size:x}");
            }

            string name = Encoding.Latin1.GetString(header.Span[..8]).TrimEnd('\0');
            sections.Add(new PortableSection(name, (int)size, (int)fileOffset, (int)fileSize));
        }
    }

    private int ReadAlignment(int at, string field)
    {
        uint alignment = view.U32(optional + at, field);
        return alignment is >= 0x20 and <= 0x10000 && (alignment & (alignment - 1)) == 0
            ? (int)alignment
            : throw view.Fail(optional + at, field, $"is 0x{alignment:x}");
    }
}

/// <summary>A section of a <see cref="PortableExecutable"/>.</summary>
/// <param name="Name">Up to 8 characters.</param>
/// <param name="Size">In memory, in bytes.</param>
/// <param name="FileOffset">Where its content is in the file.</param>
/// <param name="FileSize">How much of it is in the file; the rest is zero.</param>
public sealed record PortableSection(string Name, int Size, int FileOffset, int FileSize);
