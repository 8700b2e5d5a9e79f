using System;
using System.Collections.Generic;
using NetBoot.Boot.Packaging;
using NetBoot.NicDrivers.Pci;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed unsafe class RomFileTarget : FuzzTarget
{
    public override string Name => "rom-file";

    public override string Subject => "a card's option ROM, as the driver looks for the application in it";

    public override int MaximumSize => 2048;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] rom = new byte[1024];
            new byte[] { 0x55, 0xAA, 1, 0, 0xF1, 0x0E, 0, 0, 10, 0, 0x64, 0x86, 0, 0 }.CopyTo(rom, 0);
            new byte[] { 0x40, 0, 0x1C, 0 }.CopyTo(rom, 0x16);
            "PCIR"u8.CopyTo(rom.AsSpan(0x1C));
            new byte[] { 1, 0, 0, 0, 3, 0 }.CopyTo(rom, 0x1C + 0x10);
            rom.AsSpan(0, 512).CopyTo(rom.AsSpan(512));
            rom[512 + 0x1C + 0x15] = 0x80;
            yield return rom;
            yield return rom[512..];
            byte[] compressed = rom[512..];
            compressed[8] = 11;
            compressed[0x0C] = 1;
            yield return [.. compressed, .. rom];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        DeviceFirmware.Start();
        fixed (byte* rom = input)
        {
            foreach (ushort subsystem in new[] { PortableExecutable.Application, PortableExecutable.BootServiceDriver })
            {
                RomFile file = RomFile.Find(rom, (ulong)input.Length, subsystem, PortableExecutable.X64);
                nuint size = 0;
                if (file.IsThere && file.Load(null, ref size) == EFI_STATUS.EFI_BUFFER_TOO_SMALL)
                {
                    FuzzFinding.Unless(size <= (nuint)input.Length, $"an executable of {size} bytes in a ROM of {input.Length}");
                    fixed (byte* copy = new byte[(int)size + 1])
                    {
                        FuzzFinding.Unless(file.Load(copy, ref size).IsSuccess, "an executable that was found is not there");
                    }
                }
            }
        }
    }
}
