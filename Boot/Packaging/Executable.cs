using System.Collections.Generic;

namespace Boot.Packaging;

/// <summary>An EFI executable as far as packaging needs to know it (Microsoft PE/COFF, revision 11, sections 2 to 4).</summary>
public sealed class Executable
{
    private const int PeOffsetAt = 0x3C;
    private const int CoffHeaderSize = 20;
    private const int SectionHeaderSize = 40;
    private const ushort Pe32Plus = 0x20B;
    private const int SubsystemAt = 68;
    private const int DirectoryCountAt = 108;
    private const int DirectoriesAt = 112;
    private const int CertificateDirectory = 4;

    public const ushort X64 = 0x8664;
    public const ushort Aa64 = 0xAA64;

    /// <summary>IMAGE_SUBSYSTEM_EFI_APPLICATION.</summary>
    public const ushort Application = 10;

    /// <summary>IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER.</summary>
    public const ushort BootServiceDriver = 11;

    /// <exception cref="InputError">It is no 64-bit EFI executable, or is cut off.</exception>
    public Executable(Input input)
    {
        Input = input;
        input.Require(input.UInt16(0, "MZ signature") == 0x5A4D, 0, "MZ signature", "is missing: this is no EFI executable");
        uint start = input.UInt32(PeOffsetAt, "PE header offset");
        input.Require(start < input.Length, PeOffsetAt, "PE header offset", $"0x{start:x} is beyond the end of the file at 0x{input.Length:x}");
        int pe = (int)start;
        input.Require(input.UInt32(pe, "PE signature") == 0x4550, pe, "PE signature", "is missing: this is no EFI executable");
        Machine = input.UInt16(pe + 4, "Machine");
        input.Require(Machine is X64 or Aa64, pe + 4, "Machine", $"is 0x{Machine:x4}, neither x64 (0x8664) nor AArch64 (0xaa64)");
        int sections = input.UInt16(pe + 6, "NumberOfSections");
        int optionalSize = input.UInt16(pe + 20, "SizeOfOptionalHeader");
        int optional = pe + 4 + CoffHeaderSize;
        ushort magic = input.UInt16(optional, "Magic");
        input.Require(magic == Pe32Plus, optional, "Magic", $"is 0x{magic:x4}, not PE32+ (0x020b)");
        Subsystem = input.UInt16(optional + SubsystemAt, "Subsystem");
        input.Require(Subsystem is >= Application and <= 12, optional + SubsystemAt, "Subsystem", $"is {Subsystem}, none of UEFI (10 to 12)");
        uint directories = input.UInt32(optional + DirectoryCountAt, "NumberOfRvaAndSizes");
        input.Require(
            directories <= 16 && DirectoriesAt + (directories * 8) <= optionalSize,
            optional + DirectoryCountAt, "NumberOfRvaAndSizes", $"is {directories}: more than SizeOfOptionalHeader ({optionalSize}) holds");
        if (directories > CertificateDirectory)
        {
            int entry = optional + DirectoriesAt + (CertificateDirectory * 8);
            uint at = input.UInt32(entry, "certificate table offset");
            uint size = input.UInt32(entry + 4, "certificate table size");
            IsSigned = size != 0;
            input.Require((ulong)at + size <= (ulong)input.Length, entry, "certificate table", $"0x{at:x} with 0x{size:x} bytes is beyond the end of the file at 0x{input.Length:x}");
        }

        int header = optional + optionalSize;
        for (int i = 0; i < sections; i++, header += SectionHeaderSize)
        {
            string name = System.Text.Encoding.ASCII.GetString(input.Bytes(header, 8, $"section {i}")).TrimEnd('\0');
            uint size = input.UInt32(header + 16, $"SizeOfRawData of section {name}");
            uint at = input.UInt32(header + 20, $"PointerToRawData of section {name}");
            input.Require((ulong)at + size <= (ulong)input.Length, header + 20, $"PointerToRawData of section {name}", $"0x{at:x} with 0x{size:x} bytes is beyond the end of the file at 0x{input.Length:x}");
            sectionNames.Add(name);
        }
    }

    private readonly List<string> sectionNames = [];

    public Input Input { get; }

    /// <summary><see cref="X64"/> or <see cref="Aa64"/>.</summary>
    public ushort Machine { get; }

    public ushort Subsystem { get; }

    /// <summary>Whether it carries an Authenticode signature, whosever.</summary>
    public bool IsSigned { get; }

    public IReadOnlyList<string> SectionNames => sectionNames;
}
