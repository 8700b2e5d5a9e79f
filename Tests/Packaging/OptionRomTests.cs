using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.OptionRoms;
using Xunit;

namespace NetBoot.Tests.Packaging;

/// <summary>Expansion ROMs: what is built can be read, and what is damaged is refused with its place.</summary>
public sealed class OptionRomTests
{
    private const ushort Vendor = 0x8086;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Build_OfDriversAndApplications_ReadsBack(int deviceCount)
    {
        ushort[] devices = [.. Enumerable.Range(0x100E, deviceCount).Select(each => (ushort)each)];
        PortableExecutable[] executables =
        [
            NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 3000), NewExecutable(PortableExecutable.X64, PortableExecutable.Application, 9000),
            NewExecutable(PortableExecutable.Aarch64, PortableExecutable.BootServiceDriver, 1),
        ];
        RomBuilder builder = new(Vendor, devices);
        Array.ForEach(executables, builder.Add);
        byte[] rom = builder.ToArray();

        IReadOnlyList<RomImage> images = RomReader.Read(new InputView("rom", rom));
        Assert.Equal(rom.Length, images.Sum(image => image.Length));
        Assert.Equal([false, false, true], images.Select(image => image.IsLast));
        foreach ((RomImage image, PortableExecutable executable) in images.Zip(executables))
        {
            Assert.Equal(RomImage.Uefi, image.CodeType);
            Assert.Equal(Vendor, image.VendorId);
            Assert.Equal(devices, image.DeviceIds);
            Assert.Equal(executable.Machine, image.Machine);
            Assert.Equal(executable.Subsystem, image.Subsystem);
            Assert.True(image.IsCompressed);
            Assert.Equal(0, image.Payload % 4);
            Assert.Equal(executable.Bytes.ToArray(), UefiDecompressor.Decompress(rom.AsSpan(image.Payload)));
        }
    }

    [Fact]
    public void Build_WritesTheHeadersOfTheSpecifications()
    {
        RomBuilder builder = new(Vendor, [0x100E, 0x10D3]);
        builder.Add(NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 10));
        byte[] rom = builder.ToArray();
        Assert.Equal(0, rom.Length % 512);
        byte blocks = (byte)(rom.Length / 512);
        byte[] expected =
        [
            // UEFI 2.10, 14.4.2; PCI Firmware Specification 3.3, 5.1.2; the device list
            0x55, 0xAA, blocks, 0, 0xF1, 0x0E, 0, 0, 11, 0, 0x64, 0x86, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0x1C, 0, 0, 0,
            .. "PCIR"u8, 0x86, 0x80, 0x0E, 0x10, 0x1C, 0, 0x1C, 0, 3, 0, 0, 2, blocks, 0, 0, 0, 3, 0x80, 0, 0, 0, 0, 0, 0,
            0x0E, 0x10, 0xD3, 0x10, 0, 0,
        ];
        Assert.Equal(expected, rom[..expected.Length]);
    }

    [Fact]
    public void AddBios_TakesWhatIsForABios_AndKeepsItsSumWithoutTheLastMark()
    {
        byte[] bios = NewBios(isLast: true);
        RomBuilder builder = new(Vendor, [0x100E]);
        Assert.Equal((1, 0), builder.AddBios(new InputView("bios", bios)));
        builder.Add(NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 100));
        byte[] rom = builder.ToArray();
        IReadOnlyList<RomImage> images = RomReader.Read(new InputView("rom", rom)); // checks the sum
        Assert.Equal([RomImage.Bios, RomImage.Uefi], images.Select(image => image.CodeType));
        Assert.Equal([false, true], images.Select(image => image.IsLast));
        int[] changed = [.. Enumerable.Range(0, bios.Length).Where(i => bios[i] != rom[i])];
        Assert.Equal([0x1C + 0x15, 1023], changed);
    }

    [Fact]
    public void AddBios_OfAnotherCombinedRom_LeavesItsUefiImagesOut()
    {
        RomBuilder other = new(Vendor, [0x100E]);
        other.AddBios(new InputView("bios", [.. NewBios(isLast: false), .. NewBios(isLast: true)]));
        other.Add(NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 100));
        RomBuilder builder = new(Vendor, [0x10D3, 0x100E]);
        Assert.Equal((2, 1), builder.AddBios(new InputView("other", [.. other.ToArray(), .. new byte[512]])));
    }

    [Theory]
    [InlineData(0x000, 0x54, 0x000, "ROM signature")]
    [InlineData(0x002, 0x00, 0x002, "initialization size")]
    [InlineData(0x002, 0x03, 0x002, "initialization size")]
    [InlineData(0x006, 0x01, 0x000, "checksum")]
    [InlineData(0x018, 0x02, 0x018, "pointer to the PCI data structure")]
    [InlineData(0x019, 0xFF, 0xFF1C, "PCIR signature")]
    [InlineData(0x01C, 0x51, 0x01C, "PCIR signature")]
    [InlineData(0x020, 0x87, 0x020, "vendor identifier")]
    [InlineData(0x022, 0x0F, 0x022, "device identifier")]
    [InlineData(0x025, 0xFF, 0x024, "device list pointer")]
    [InlineData(0x026, 0x1B, 0x026, "PCI data structure length")]
    [InlineData(0x02C, 0x00, 0x02C, "image length")]
    [InlineData(0x02C, 0x03, 0x000, "image of 0x600 bytes")]
    [InlineData(0x030, 0x01, 0x030, "code type")]
    [InlineData(0x031, 0x81, 0x031, "indicator")]
    [InlineData(0x031, 0x00, 0x400, "ROM signature")]
    public void AddBios_OfADamagedRom_NamesOffsetAndField(int at, byte value, int offset, string field)
    {
        byte[] bios = NewBios(isLast: true);
        bios[at] = value;
        if (field != "checksum")
        {
            bios[7] -= SumOf(bios);
        }

        InputError error = Assert.Throws<InputError>(() => new RomBuilder(Vendor, [0x100E]).AddBios(new InputView("my.rom", bios)));
        Assert.Equal((offset, field), ((int)error.Offset, error.Field));
        Assert.StartsWith($"my.rom: offset 0x{offset:x}, {field}: ", error.Message);
    }

    [Fact]
    public void AddBios_WithoutASpareByte_SaysThatTheMarkCannotBeTakenOff()
    {
        byte[] bios = NewBios(isLast: true);
        bios[1020] = 1;
        bios[7] -= SumOf(bios);
        InputError error = Assert.Throws<InputError>(() => new RomBuilder(Vendor, [0x100E]).AddBios(new InputView("bios", bios)));
        Assert.Equal(1023, error.Offset);
    }

    [Fact]
    public void AddBios_WithoutAnyBiosImage_IsAnError()
    {
        RomBuilder other = new(Vendor, [0x100E]);
        other.Add(NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 100));
        InputError error = Assert.Throws<InputError>(() => new RomBuilder(Vendor, [0x100E]).AddBios(new InputView("uefi", other.ToArray())));
        Assert.Equal("code type", error.Field);
    }

    [Fact]
    public void Read_OfEveryTruncationAndEveryChangedByteOfTheHeaders_AnswersOrNamesThePlace()
    {
        RomBuilder builder = new(Vendor, [0x100E, 0x10D3]);
        builder.AddBios(new InputView("bios", NewBios(isLast: true)));
        builder.Add(NewExecutable(PortableExecutable.X64, PortableExecutable.BootServiceDriver, 600));
        byte[] rom = builder.ToArray();
        int refused = 0;
        for (int length = 0; length < rom.Length; length++)
        {
            Assert.False(TryRead(rom[..length]), $"a ROM of {length} bytes was accepted");
        }

        foreach (int at in Enumerable.Range(0, 0x40).Concat(Enumerable.Range(1024, 0x50)))
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. rom];
                changed[at] = (byte)value;
                refused += TryRead(changed) ? 0 : 1;
            }
        }

        Assert.InRange(refused, 0x40 * 250, int.MaxValue); // whatever changes in the BIOS image changes its sum

        static bool TryRead(byte[] bytes)
        {
            try
            {
                RomReader.Read(new InputView("rom", bytes));
                return true;
            }
            catch (InputError error)
            {
                Assert.InRange(error.Offset, 0, 0x10000 + bytes.Length);
                return false;
            }
        }
    }

    [Fact]
    public void Read_OfAnyBytes_NeverFailsOtherwise() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte[] Bytes, byte Pointer)>(),
            input =>
            {
                byte[] bytes = [0x55, 0xAA, .. input.Bytes, .. new byte[64]];
                bytes[0x18] = input.Pointer;
                "PCIR"u8.CopyTo(bytes.AsSpan(Math.Min((int)input.Pointer, bytes.Length - 4)));
                try
                {
                    RomReader.Read(new InputView("rom", bytes));
                }
                catch (InputError)
                {
                    // As it should.
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void DebiansRoms_AreReadable()
    {
        string folder = "/usr/lib/ipxe/qemu";
        string[] roms = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.rom") : [];
        Assert.All(roms, path => Assert.NotEmpty(RomReader.Read(new InputView(path, File.ReadAllBytes(path)))));
    }

    private static PortableExecutable NewExecutable(ushort machine, ushort subsystem, int size) =>
        new("image", SampleImage.Make(machine, subsystem, size));

    /// <summary>A ROM of 1 KiB for a BIOS, which sums up to 0 and ends in padding.</summary>
    private static byte[] NewBios(bool isLast)
    {
        byte[] bios = new byte[1024];
        bios.AsSpan(512).Fill(0xFF);
        byte[] head =
        [
            0x55, 0xAA, 2, 0xE9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1C, 0, 0, 0,
            .. "PCIR"u8, 0x86, 0x80, 0x0E, 0x10, 0, 0, 0x1C, 0, 3, 0, 0, 2, 2, 0, 0, 0, 0, (byte)(isLast ? 0x80 : 0), 0, 0, 0, 0, 0, 0,
        ];
        head.CopyTo(bios, 0);
        bios[7] -= SumOf(bios);
        return bios;
    }

    private static byte SumOf(byte[] bytes) => (byte)bytes.Sum(each => each);
}
