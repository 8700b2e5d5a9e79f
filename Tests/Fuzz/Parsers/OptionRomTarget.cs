using System;
using System.Collections.Generic;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.OptionRoms;
using NetBoot.Tests.Packaging;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class OptionRomTarget : FuzzTarget
{
    public override string Name => "option-rom";

    public override string Subject => "option ROMs that are packed again: images, device lists, checksums";

    public override int MaximumSize => 4096;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            RomBuilder builder = new(0x8086, [0x100E, 0x10D3]);
            builder.Add(new PortableExecutable("image", SampleImage.Make(codeSize: 0x40)));
            yield return builder.ToArray();
            byte[] bios = new byte[512];
            new byte[] { 0x55, 0xAA, 1 }.CopyTo(bios, 0);
            bios[0x18] = 0x1C;
            new byte[] { (byte)'P', (byte)'C', (byte)'I', (byte)'R', 0x86, 0x80, 0x0E, 0x10, 0, 0, 0x18, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0x80 }.CopyTo(bios, 0x1C);
            bios[511] = (byte)-RomSum(bios);
            yield return bios;
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        InputView rom = new("input", input.ToArray());
        try
        {
            IReadOnlyList<RomImage> images = RomReader.Read(rom);
            FuzzFinding.Unless(images[^1].Offset + images[^1].Length <= input.Length, "an image beyond the end");
            RomBuilder builder = new(images[0].VendorId, images[0].DeviceIds);
            builder.AddBios(rom);
            builder.ToArray();
        }
        catch (InputError)
        {
            // Says what is wrong, and where.
        }
    }

    private static byte RomSum(byte[] rom)
    {
        byte sum = 0;
        foreach (byte each in rom)
        {
            sum += each;
        }

        return sum;
    }
}
