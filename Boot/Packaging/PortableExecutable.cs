using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace NetBoot.Boot.Packaging;

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

    private readonly InputView _view;
    private readonly int _coff;
    private readonly int _optional;
    private readonly int _table;
    private readonly List<PortableSection> _sections = [];

    /// <exception cref="InputError">It is no such file, or damaged.</exception>
    public PortableExecutable(string name, byte[] bytes)
    {
        _view = new InputView(name, bytes);
        if (_view.U16(0, "e_magic") != 0x5A4D)
        {
            throw _view.Fail(0, "e_magic", "is not MZ: this is no .efi image");
        }

        uint header = _view.U32(0x3C, "e_lfanew");
        if (_view.U32(header, "PE signature") != 0x4550)
        {
            throw _view.Fail(header, "PE signature", "is not PE");
        }

        _coff = (int)header + 4;
        _optional = _coff + 20;
        _table = _optional + _view.U16(_coff + 16, "SizeOfOptionalHeader");
        Machine = _view.U16(_coff, "Machine");
        if (Machine is not (X64 or Aarch64))
        {
            throw _view.Fail(_coff, "Machine", $"is 0x{Machine:x4}, neither x64 nor AArch64");
        }

        if (_view.U16(_optional, "Magic") != 0x20B)
        {
            throw _view.Fail(_optional, "Magic", "is not PE32+");
        }

        Subsystem = _view.U16(_optional + SubsystemOffset, "Subsystem");
        if (Subsystem is not (Application or BootServiceDriver or RuntimeDriver))
        {
            throw _view.Fail(_optional + SubsystemOffset, "Subsystem", $"is {Subsystem}, none of UEFI's");
        }

        ReadSections();
    }

    public string Name => _view.Name;

    public ReadOnlySpan<byte> Bytes => _view.Span;

    public ushort Machine { get; }

    public ushort Subsystem { get; }

    public bool IsApplication => Subsystem == Application;

    /// <summary>Whether it carries a signature, whosever.</summary>
    public bool IsSigned =>
        _view.U32(_optional + DirectoriesOffset - 4, "NumberOfRvaAndSizes") > CertificateDirectory && _view.U64(Certificates, "certificate table") != 0;

    public string MachineName => NameOf(Machine);

    /// <summary>In the order of their addresses.</summary>
    public IReadOnlyList<PortableSection> Sections => _sections;

    public static string NameOf(ushort machine) => machine switch { X64 => "x64", Aarch64 => "aa64", _ => $"machine 0x{machine:x4}" };

    /// <summary>The section's content in the file, or null.</summary>
    public byte[]? Content(string section)
    {
        PortableSection? found = _sections.Find(each => each.Name == section);
        return found == null ? null : _view.Span.Slice(found.FileOffset, Math.Min(found.FileSize, found.Size)).ToArray();
    }

    /// <summary>
    /// This image with one more section of read-only data at its end: as if the linker had put it there, so that the result can be signed.
    /// </summary>
    /// <exception cref="InputError">It has one of that name, is signed already, or has no room for a section header.</exception>
    public byte[] WithSection(string section, ReadOnlySpan<byte> content)
    {
        if (_sections.Exists(each => each.Name == section))
        {
            throw _view.Fail(_table, "section table", $"has a section {section} already");
        }

        if (IsSigned)
        {
            throw _view.Fail(Certificates, "certificate table", "is there: a signed image cannot be changed. Sign it afterwards");
        }

        int sectionAlignment = ReadAlignment(SectionAlignmentOffset, "SectionAlignment");
        int fileAlignment = ReadAlignment(FileAlignmentOffset, "FileAlignment");
        int header = _table + (SectionHeaderSize * _sections.Count);
        uint headers = _view.U32(_optional + SizeOfHeadersOffset, "SizeOfHeaders");
        if (header + SectionHeaderSize > headers)
        {
            throw _view.Fail(_optional + SizeOfHeadersOffset, "SizeOfHeaders", $"is 0x{headers:x}: no room for another section header");
        }

        uint size = _view.U32(_optional + SizeOfImageOffset, "SizeOfImage");
        if (size > int.MaxValue / 2)
        {
            throw _view.Fail(_optional + SizeOfImageOffset, "SizeOfImage", $"is 0x{size:x}");
        }

        int address = Alignment.Up((int)size, sectionAlignment);
        int offset = Alignment.Up(_view.Length, fileAlignment);
        int length = Alignment.Up(content.Length, fileAlignment);
        byte[] image = new byte[offset + length];
        _view.Span.CopyTo(image);
        content.CopyTo(image.AsSpan(offset));
        Span<byte> entry = image.AsSpan(header, SectionHeaderSize);
        entry.Clear();
        Encoding.ASCII.GetBytes(section, entry[..8]);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], content.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[12..], address);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[20..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[36..], ReadOnlyData);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(_coff + 2), (ushort)(_sections.Count + 1));
        BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(_optional + SizeOfImageOffset), Alignment.Up(address + content.Length, sectionAlignment));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(_optional + CheckSumOffset), 0); // as the linker leaves it: firmware does not look
        return image;
    }

    private int Certificates => _optional + DirectoriesOffset + (8 * CertificateDirectory);

    /// <summary>This image as it was before its last section was put there by <see cref="WithSection"/>.</summary>
    /// <exception cref="InputError">Its last section has another name, or is not at its end; or it is signed.</exception>
    public PortableExecutable WithoutLastSection(string section)
    {
        PortableSection? last = _sections.Count > 0 ? _sections[^1] : null;
        if (last?.Name != section || last.FileOffset + last.FileSize != _view.Length || IsSigned)
        {
            throw _view.Fail(_table, "section table", $"does not end with {section}, or the image was signed: begin with one as it was built");
        }

        int header = _table + SectionHeaderSize * (_sections.Count - 1);
        byte[] image = _view.Span[..last.FileOffset].ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(_optional + SizeOfImageOffset), _view.U32(header + 12, "VirtualAddress"));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(_coff + 2), (ushort)(_sections.Count - 1));
        image.AsSpan(header, SectionHeaderSize).Clear();
        return new PortableExecutable(Name, image);
    }

    private void ReadSections()
    {
        int count = _view.U16(_coff + 2, "NumberOfSections");
        for (int i = 0; i < count; i++)
        {
            int at = _table + (i * SectionHeaderSize);
            InputView header = _view.Slice(at, SectionHeaderSize, $"section header {i}");
            uint fileSize = header.U32(16, "SizeOfRawData");
            uint fileOffset = header.U32(20, "PointerToRawData");
            if ((ulong)fileOffset + fileSize > (ulong)_view.Length)
            {
                throw header.Fail(16, "SizeOfRawData", $"is 0x{fileSize:x} from 0x{fileOffset:x} on, beyond the file's end");
            }

            uint size = header.U32(8, "VirtualSize");
            if (size > int.MaxValue)
            {
                throw header.Fail(8, "VirtualSize", $"is 0x{size:x}");
            }

            string name = Encoding.Latin1.GetString(header.Span[..8]).TrimEnd('\0');
            _sections.Add(new PortableSection(name, (int)size, (int)fileOffset, (int)fileSize));
        }
    }

    private int ReadAlignment(int at, string field)
    {
        uint alignment = _view.U32(_optional + at, field);
        return alignment is >= 0x20 and <= 0x10000 && (alignment & (alignment - 1)) == 0
            ? (int)alignment
            : throw _view.Fail(_optional + at, field, $"is 0x{alignment:x}");
    }
}

/// <summary>A section of a <see cref="PortableExecutable"/>.</summary>
/// <param name="Name">Up to 8 characters.</param>
/// <param name="Size">In memory, in bytes.</param>
/// <param name="FileOffset">Where its content is in the file.</param>
/// <param name="FileSize">How much of it is in the file; the rest is zero.</param>
public sealed record PortableSection(string Name, int Size, int FileOffset, int FileSize);
