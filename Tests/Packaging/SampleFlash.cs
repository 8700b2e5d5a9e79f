using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.Packaging.FirmwareVolumes;

namespace NetBoot.Tests.Packaging;

/// <summary>Small flash images with the layouts of OVMF (its SEC unpacks PEI's and DXE's volumes) and AAVMF (PEI unpacks DXE's).</summary>
internal static class SampleFlash
{
    public static readonly Guid Core = new("D6A2CB7F-6A18-4E2F-B43B-9920A733700A");

    public static byte[] LikeOvmf(int dxeRoom = 0x10000, int packedRoom = 0x8000)
    {
        byte[] pei = Volume.Make(Guid.NewGuid(), [VolumeFile.Make(Guid.NewGuid(), FileType.PeiCore, new byte[100])]);
        List<byte> stream = [];
        Section.Append(stream, SectionType.Raw, new byte[120]);
        Section.Append(stream, SectionType.VolumeImage, pei);
        Section.Append(stream, SectionType.Raw, new byte[8]);
        Section.Append(stream, SectionType.VolumeImage, DxeVolume(dxeRoom));
        return [.. Outer([.. stream], packedRoom), .. Volume.Make(Guid.NewGuid(), [VolumeFile.Make(Guid.NewGuid(), FileType.SecurityCore, new byte[50])])];
    }

    public static byte[] LikeAavmf(int packedRoom = 0x8000)
    {
        List<byte> stream = [];
        Section.Append(stream, SectionType.Raw, new byte[8]);
        Section.Append(stream, SectionType.VolumeImage, DxeVolume(0));
        return [.. new byte[0x1000], .. Outer([.. stream], packedRoom), .. new byte[0x3000]];
    }

    public static byte[] DxeVolume(int room)
    {
        List<byte> core = [];
        Section.Append(core, SectionType.Pe32, SampleImage.Make());
        Section.AppendName(core, "DxeCore");
        return Volume.Make(
            new Guid("7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1"),
            [VolumeFile.Make(Core, FileType.DxeCore, [.. core]), VolumeFile.Make(FirmwareGuid.Pad, FileType.Pad, [.. Enumerable.Repeat((byte)0xFF, 40)])],
            room);
    }

    private static byte[] Outer(byte[] stream, int room)
    {
        List<byte> content = [];
        Section.Append(content, SectionType.GuidDefined, [.. FirmwareGuid.Lzma.ToByteArray(), 24, 0, 1, 0, .. Lzma.Compress(stream)]);
        byte[] first = VolumeFile.Make(Guid.NewGuid(), FileType.SecurityCore, new byte[33]);
        return Volume.Make(Guid.NewGuid(), [first, VolumeFile.Make(new Guid("9E21FD93-9C72-4C15-8C4B-E77F1DB2D792"), FileType.VolumeImage, [.. content])], room);
    }
}
