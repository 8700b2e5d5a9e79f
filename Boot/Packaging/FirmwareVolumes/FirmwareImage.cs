using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>A driver or an application as it goes into a firmware volume.</summary>
/// <param name="name">Without ".efi": what its GUID is made of, and how menus show it.</param>
/// <param name="image">The image itself.</param>
public sealed class FirmwareImage(string name, PortableExecutable image)
{
    /// <summary>What makes boot options of the applications of its volume: see Boot/Images/boot-options.</summary>
    public const string BootOptionsName = "boot-options";

    private const string Version = "1.0";

    public string Name => name;

    public PortableExecutable Image => image;

    public Guid Guid { get; } = FirmwareGuid.Named(name);

    public static FirmwareImage Read(string path) => new(Path.GetFileNameWithoutExtension(path), new PortableExecutable(path, File.ReadAllBytes(path)));

    /// <summary>
    /// The file (FFS) with it. A driver has no dependency expression: that says it is one of the UEFI driver model, which the dispatcher
    /// starts when all architectural protocols are there (PI 1.8 volume 2, 10.3).
    /// </summary>
    /// <param name="options">For the image that makes them: the applications that are to be boot options.</param>
    public byte[] ToFile(IEnumerable<FirmwareImage>? options = null)
    {
        List<byte> content = [];
        Section.Append(content, SectionType.Pe32, image.Bytes);
        if (options != null)
        {
            Section.Append(content, SectionType.Raw, [.. options.SelectMany(each => each.Guid.ToByteArray())]);
        }

        Section.AppendName(content, name);
        Section.AppendVersion(content, Version);
        return VolumeFile.Make(Guid, image.IsApplication ? FileType.Application : FileType.Driver, [.. content]);
    }
}
