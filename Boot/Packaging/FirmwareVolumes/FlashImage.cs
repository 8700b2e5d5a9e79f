using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>
/// A firmware's flash image whose drivers are in a volume within an LZMA section, as those of OVMF and AAVMF are. It is read as strictly
/// as it can be: what is not as specified is an error, since nothing that is not understood may be moved.
/// </summary>
public sealed class FlashImage
{
    private const int VolumeAlignment = 0x1000;
    private const int GuidSectionHeader = 24;
    private const ushort NeedsProcessing = 1; // EFI_GUIDED_SECTION_PROCESSING_REQUIRED

    private readonly byte[] _bytes;

    /// <summary>The volume in flash with the file that the DXE volume is in, that file, and the section of it.</summary>
    private readonly Volume _outer;
    private readonly VolumeFile _packedFile;
    private readonly Section _packedSection;

    /// <summary>The section's sections, and of them the one with the DXE volume.</summary>
    private readonly InputView _stream;
    private readonly Section _dxeSection;
    private readonly bool _hasFixedSize;

    private FlashImage(byte[] bytes, Volume outer, VolumeFile packedFile, Section packedSection, InputView stream, Section dxeSection, Volume dxe, bool hasFixedSize)
    {
        _bytes = bytes;
        _outer = outer;
        _packedFile = packedFile;
        _packedSection = packedSection;
        _stream = stream;
        _dxeSection = dxeSection;
        _hasFixedSize = hasFixedSize;
        Dxe = dxe;
        VolumeFile core = dxe.Files.Single(each => each.Type == FileType.DxeCore);
        Section image = Section.ReadAll(core.Content).Find(each => each.Type == SectionType.Pe32)
            ?? throw core.View.Fail(0, "DXE core", "has no PE32 section");
        Machine = new PortableExecutable($"{core.View.Name}, DXE core", image.Content.Span.ToArray()).Machine;
    }

    /// <summary>The volume with the DXE core, unpacked.</summary>
    public Volume Dxe { get; }

    /// <summary>The processor that the firmware is for, as PE has it.</summary>
    public ushort Machine { get; }

    /// <summary>The bytes that are left in the volume in flash, for what is packed.</summary>
    public int PackedRoom => _outer.FreeLength;

    /// <summary>The bytes that are left in the DXE volume; it may grow where <see cref="CanGrow"/>.</summary>
    public int Room => Dxe.FreeLength;

    /// <summary>
    /// Whether the DXE volume may become larger. Where the PEI core is unpacked with it, that is done before there is memory to allocate,
    /// to addresses and sizes that are built into the firmware (OVMF's SEC); elsewhere it is PEI that allocates what is needed.
    /// </summary>
    public bool CanGrow => !_hasFixedSize;

    /// <summary>Takes a flash image apart.</summary>
    /// <exception cref="InputError">It is damaged, or there is not exactly one DXE volume in an LZMA section.</exception>
    public static FlashImage Read(string name, byte[] bytes)
    {
        InputView view = new(name, bytes);
        FlashImage? found = null;
        int volumes = 0;
        for (int at = 0; at < bytes.Length;)
        {
            if (!Volume.IsAt(view, at))
            {
                at += VolumeAlignment;
                continue;
            }

            volumes++;
            if (Volume.Read(view, at) is Volume volume && FindIn(bytes, volume) is FlashImage image)
            {
                found = found == null ? image : throw view.Fail(at, "firmware volume", "is the second with a DXE core: which one runs is not known");
            }

            at = Alignment.Up(at + Volume.ReadLength(view, at), VolumeAlignment);
        }

        return found ?? throw view.Fail(0, "flash image", volumes == 0 ? "has no firmware volume" : "has no DXE core in an LZMA section of its volumes");
    }

    /// <summary>The same flash image with further files in its DXE volume.</summary>
    /// <exception cref="InputError">One is there already, or there is no room.</exception>
    public byte[] With(IReadOnlyList<byte[]> files)
    {
        foreach (byte[] file in files)
        {
            Guid id = new(file.AsSpan(0, 16));
            if (Dxe.Files.FirstOrDefault(each => each.Name == id) is VolumeFile old)
            {
                throw old.View.Fail(0, "EFI_FFS_FILE_HEADER.Name", $"{id} is there already: take the original firmware image");
            }
        }

        byte[] dxe = Dxe.With(files, CanGrow, out int missing)
            ?? throw Dxe.View.Fail(Dxe.FreeStart, "free space", $"is 0x{Dxe.FreeLength:x} bytes, 0x{missing:x} too few, and this volume cannot grow");
        byte[] section = Lzma.Compress(Rebuild(dxe));
        List<byte> content = [.. _packedFile.Content.Span[..(_packedSection.View.Start - _packedFile.Content.Start)]];
        Section.Append(content, SectionType.GuidDefined, [.. _packedSection.View.Span[_packedSection.HeaderSize..DataOffset(_packedSection)], .. section]);
        byte[] packed = _packedFile.WithContent([.. content]);
        int start = _packedFile.View.Start;
        int room = _outer.View.Start + _outer.View.Length - start;
        if (packed.Length > room)
        {
            throw _outer.View.Fail(
                _outer.FreeStart, "free space", $"is 0x{_outer.FreeLength:x} bytes, 0x{packed.Length - room:x} too few for what was added, packed");
        }

        byte[] result = (byte[])_bytes.Clone();
        result.AsSpan(start, room).Fill(0xFF);
        packed.CopyTo(result.AsSpan(start));
        Verify(result, files);
        return result;
    }

    private static FlashImage? FindIn(byte[] bytes, Volume volume)
    {
        FlashImage? found = null;
        foreach (VolumeFile file in volume.Files.Where(each => each.Type == FileType.VolumeImage))
        {
            List<Section> sections = Section.ReadAll(file.Content);
            foreach (Section section in sections.Where(IsLzma))
            {
                int offset = DataOffset(section);
                InputView packed = section.View.Slice(offset, section.View.Length - offset, "EFI_GUID_DEFINED_SECTION.DataOffset");
                InputView stream = new($"{packed.Name}, unpacked from offset 0x{packed.Start:x}", Lzma.Decompress(packed));
                List<Section> inside = Section.ReadAll(stream);
                List<(Section Section, Volume? Volume)> volumes = inside.Where(each => each.Type == SectionType.VolumeImage)
                    .Select(each => (Section: each, Volume: Volume.Read(each.Content, 0))).Where(each => each.Volume != null).ToList();
                List<(Section Section, Volume? Volume)> cores = volumes.Where(each => each.Volume!.Files.Any(one => one.Type == FileType.DxeCore)).ToList();
                if (cores.Count == 0)
                {
                    continue;
                }

                if (found != null || cores.Count != 1 || cores[0].Volume!.Files.Count(each => each.Type == FileType.DxeCore) != 1)
                {
                    throw stream.Fail(0, "DXE core", "is there more than once: which one runs is not known");
                }

                if (sections.Count != 1 || volume.Files[^1] != file)
                {
                    throw file.View.Fail(0, "firmware volume image", "is followed by others, which cannot be moved");
                }

                bool hasPeiCore = volumes.Any(each => each.Volume!.Files.Any(one => one.Type == FileType.PeiCore));
                found = new FlashImage(
                    bytes, volume, file, section, stream, cores[0].Section, cores[0].Volume!, hasPeiCore || inside[^1] != cores[0].Section);
            }
        }

        return found;
    }

    private static bool IsLzma(Section section) =>
        section.Type == SectionType.GuidDefined && section.Content.Guid(0, "EFI_GUID_DEFINED_SECTION.SectionDefinitionGuid") == FirmwareGuid.Lzma;

    /// <summary>Where the content of a GUIDed section begins (PI 1.8 volume 3, 3.2.5.7): its header may be larger than we know.</summary>
    private static int DataOffset(Section section)
    {
        ushort offset = section.Content.U16(16, "EFI_GUID_DEFINED_SECTION.DataOffset");
        ushort attributes = section.Content.U16(18, "EFI_GUID_DEFINED_SECTION.Attributes");
        if (offset != section.HeaderSize + GuidSectionHeader - 4)
        {
            throw section.Content.Fail(16, "EFI_GUID_DEFINED_SECTION.DataOffset", $"is 0x{offset:x}");
        }

        return attributes == NeedsProcessing ? offset : throw section.Content.Fail(18, "EFI_GUID_DEFINED_SECTION.Attributes", $"is 0x{attributes:x}, not 1");
    }

    /// <summary>The stream of sections with another DXE volume.</summary>
    private byte[] Rebuild(byte[] dxe)
    {
        int start = _dxeSection.View.Start;
        List<byte> result = [.. _stream.Span[..start]];
        Section.Append(result, SectionType.VolumeImage, dxe);
        if (result.Count - start - dxe.Length != _dxeSection.HeaderSize)
        {
            throw _dxeSection.View.Fail(0, "EFI_COMMON_SECTION_HEADER.Size", "would need another header, which moves the volume off its alignment");
        }

        return [.. result, .. _stream.Span[(start + _dxeSection.View.Length)..]];
    }

    /// <summary>Reads what was made as it would be read from a file, and compares.</summary>
    private void Verify(byte[] result, IReadOnlyList<byte[]> files)
    {
        FlashImage again = Read("the new image", result);
        IEnumerable<byte[]> expected = Dxe.Files.Select(each => each.View.Span.ToArray()).Concat(files);
        if (!again.Dxe.Files.Zip(expected).All(pair => pair.First.View.Span.SequenceEqual(pair.Second)) || again.Dxe.Files.Count != Dxe.Files.Count + files.Count)
        {
            throw new InvalidOperationException("The new image does not read back as it was written.");
        }
    }
}
