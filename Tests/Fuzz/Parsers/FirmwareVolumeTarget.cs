using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using NetBoot.Tests.Packaging;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A volume with all that is in it, a file and sections alone, with the checksums of their headers set right.</summary>
internal sealed class FirmwareVolumeTarget : FuzzTarget
{
    private const int HeaderLengthOffset = 0x30;
    private const int ChecksumOffset = 0x32;

    public override string Name => "firmware-volume";

    public override string Subject => "firmware volumes that are added to: headers, block maps, files, sections";

    public override int MaximumSize => 4096;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] volume = SampleFlash.DxeVolume(0);
            yield return volume;
            List<byte> sections = [];
            Section.AppendVersion(sections, "1");
            Section.AppendName(sections, "n");
            Section.Append(sections, SectionType.Raw, new byte[3]);
            yield return [.. sections];
            byte[] file = VolumeFile.Make(SampleFlash.Core, FileType.Pad, [.. sections]);
            yield return file;
            yield return Small(volume, file);
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        RepairFile(bytes);
        Try(bytes, view => Section.ReadAll(VolumeFile.Read(view, 0, 0xFF, hasLargeFiles: true).Content));
        bytes = input.ToArray();
        Try(bytes, view => Section.ReadAll(view));
        RepairVolume(bytes);
        Try(bytes, view =>
        {
            if (Volume.Read(view, 0) is { } volume)
            {
                foreach (VolumeFile file in volume.Files)
                {
                    Section.ReadAll(file.Content);
                }

                FuzzFinding.Unless(volume.FreeStart <= volume.View.Length, "files beyond the end");
                volume.With([new byte[64]], mayGrow: true, out _);
            }
        });
    }

    private static void Try(byte[] bytes, Action<InputView> read)
    {
        try
        {
            read(new InputView("input", bytes));
        }
        catch (InputError)
        {
            // Says what is wrong, and where.
        }
    }

    /// <summary>The same header with one block of just the size for one file.</summary>
    private static byte[] Small(byte[] volume, byte[] file)
    {
        int header = BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(HeaderLengthOffset));
        byte[] small = [.. volume.AsSpan(0, header), .. file];
        BinaryPrimitives.WriteInt64LittleEndian(small.AsSpan(0x20), small.Length);
        BinaryPrimitives.WriteInt32LittleEndian(small.AsSpan(0x34), 0);
        small[0x37] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(small.AsSpan(0x38), 1);
        BinaryPrimitives.WriteInt32LittleEndian(small.AsSpan(0x3C), small.Length);
        return small;
    }

    private static void RepairFile(byte[] file)
    {
        const int Checksum = 16;
        const int State = 23;
        int size = file.Length > 19 && (file[19] & 1) != 0 ? 32 : 24;
        if (file.Length >= size)
        {
            file[Checksum] = 0;
            byte sum = 0;
            for (int i = 0; i < size; i++)
            {
                sum += i is Checksum + 1 or State ? (byte)0 : file[i];
            }

            file[Checksum] = (byte)-sum;
        }
    }

    private static void RepairVolume(byte[] volume)
    {
        if (volume.Length < ChecksumOffset + 2)
        {
            return;
        }

        int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(HeaderLengthOffset)), volume.Length) & ~1;
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(ChecksumOffset), 0);
        ushort sum = 0;
        for (int i = 0; i < length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(volume.AsSpan(i));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(ChecksumOffset), (ushort)-sum);
    }
}
