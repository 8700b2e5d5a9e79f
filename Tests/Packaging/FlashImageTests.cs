using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using Xunit;

namespace NetBoot.Tests.Packaging;

public sealed class FlashImageTests
{
    private static readonly byte[] s_driver = new FirmwareImage("driver", new PortableExecutable("driver.efi", SampleImage.Make(codeSize: 0x2000))).ToFile();

    [Fact]
    public void With_WhereSecUnpacks_KeepsTheVolumesSize_AndWhereItIs()
    {
        byte[] old = SampleFlash.LikeOvmf();
        FlashImage flash = FlashImage.Read("flash", old);
        Assert.False(flash.CanGrow);
        byte[] made = flash.With([s_driver]);
        FlashImage again = FlashImage.Read("flash", made);
        Assert.Equal(old.Length, made.Length);
        Assert.Equal(flash.Dxe.View.Length, again.Dxe.View.Length);
        Assert.Equal(flash.Dxe.View.Start, again.Dxe.View.Start);
        AssertAdded(flash, again);
    }

    [Fact]
    public void With_WherePeiUnpacks_GrowsTheVolumeByWholeBlocks()
    {
        byte[] old = SampleFlash.LikeAavmf();
        FlashImage flash = FlashImage.Read("flash", old);
        Assert.True(flash.CanGrow);
        byte[] made = flash.With([s_driver]);
        FlashImage again = FlashImage.Read("flash", made);
        Assert.Equal(old.Length, made.Length);
        Assert.True(again.Dxe.View.Length > flash.Dxe.View.Length);
        Assert.True(again.Dxe.FreeLength < 0x1000);
        Assert.Equal(old[..0x1000], made[..0x1000]);
        Assert.Equal(old[^0x3000..], made[^0x3000..]);
        AssertAdded(flash, again);
    }

    [Fact]
    public void With_TheSameFiles_MakesTheSameBytes()
    {
        byte[] old = SampleFlash.LikeOvmf();
        Assert.Equal(FlashImage.Read("flash", old).With([s_driver]), FlashImage.Read("flash", old).With([s_driver]));
    }

    [Fact]
    public void With_AFileThatIsThere_IsAnError()
    {
        byte[] made = FlashImage.Read("flash", SampleFlash.LikeOvmf()).With([s_driver]);
        InputError error = Assert.Throws<InputError>(() => FlashImage.Read("flash", made).With([s_driver]));
        Assert.Contains("is there already", error.Message);
    }

    [Fact]
    public void With_WithoutRoomInTheVolume_SaysHowMuchIsMissing()
    {
        FlashImage flash = FlashImage.Read("flash", SampleFlash.LikeOvmf(dxeRoom: 0));
        InputError error = Assert.Throws<InputError>(() => flash.With([s_driver]));
        Assert.Equal("free space", error.Field);
        Assert.Contains("too few, and this volume cannot grow", error.Message);
    }

    [Fact]
    public void With_WithoutRoomForWhatIsPacked_SaysHowMuchIsMissing()
    {
        FlashImage flash = FlashImage.Read("flash", SampleFlash.LikeAavmf(packedRoom: 0));
        byte[] large = new FirmwareImage("large", new PortableExecutable("large.efi", SampleImage.Make(codeSize: 0x4000))).ToFile();
        InputError error = Assert.Throws<InputError>(() => flash.With([large]));
        Assert.Contains("too few for what was added, packed", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x40)]
    [InlineData(0x1000)]
    [InlineData(0x2000)]
    [InlineData(0x5000)]
    public void Read_OfATruncatedImage_IsAnErrorWithItsPlace(int length)
    {
        byte[] cut = SampleFlash.LikeAavmf()[..length];
        InputError error = Assert.Throws<InputError>(() => FlashImage.Read("flash", cut));
        Assert.InRange(error.Offset, 0, length);
        Assert.NotEmpty(error.Field);
    }

    [Theory]
    [InlineData(0x20, "EFI_FIRMWARE_VOLUME_HEADER.FvLength")]
    [InlineData(0x2C, "EFI_FIRMWARE_VOLUME_HEADER.Checksum")]
    [InlineData(0x32, "EFI_FIRMWARE_VOLUME_HEADER.Checksum")]
    [InlineData(0x37, "EFI_FIRMWARE_VOLUME_HEADER.Revision")]
    [InlineData(0x39, "EFI_FIRMWARE_VOLUME_HEADER.Checksum")]
    [InlineData(0x5A, "EFI_FIRMWARE_VOLUME_EXT_HEADER.ExtHeaderSize")]
    [InlineData(0x60, "EFI_FFS_FILE_HEADER.IntegrityCheck.Checksum.Header")]
    [InlineData(0x71, "EFI_FFS_FILE_HEADER.IntegrityCheck.Checksum.File")]
    [InlineData(0x76, "EFI_FFS_FILE_HEADER.Size")]
    [InlineData(0x77, "EFI_FFS_FILE_HEADER.State")]
    public void Read_OfADamagedVolume_NamesTheField(int at, string field)
    {
        byte[] volume = SampleFlash.DxeVolume(0x1000);
        volume[at] ^= 0x80;
        InputError error = Assert.Throws<InputError>(() => Volume.Read(new InputView("volume", volume), 0));
        Assert.Equal(field, error.Field);
        Assert.InRange(error.Offset, 0, volume.Length);
    }

    [Fact]
    public void Read_OfFreeSpaceThatIsNotFree_IsAnError()
    {
        byte[] volume = SampleFlash.DxeVolume(0x1000);
        volume[^5] = 0;
        Assert.Equal("free space", Assert.Throws<InputError>(() => Volume.Read(new InputView("volume", volume), 0)).Field);
    }

    [Fact]
    public void Volume_MutatedAnywhere_ReadsOrIsAnErrorWithinIt() => Prop.ForAll(Mutations(), mutations =>
    {
        byte[] volume = SampleFlash.DxeVolume(0x400);
        Mutate(volume, mutations, 0x100);
        ReadsOrFails(volume, view => Volume.Read(view, 0)?.Files.SelectMany(file => file.Type == FileType.Pad ? [] : Section.ReadAll(file.Content)).ToList());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Flash_MutatedAnywhere_ReadsOrIsAnErrorWithinIt()
    {
        byte[] original = SampleFlash.LikeOvmf();
        Prop.ForAll(Mutations(), mutations =>
        {
            byte[] flash = (byte[])original.Clone();
            Mutate(flash, mutations, 0x400);
            ReadsOrFails(flash, view => FlashImage.Read(view.Name, flash));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Executable_MutatedAnywhere_ReadsOrIsAnErrorWithinIt() => Prop.ForAll(Mutations(), mutations =>
    {
        byte[] image = SampleImage.Make();
        Mutate(image, mutations, SampleImage.SectionTable + 40);
        ReadsOrFails(image, view => new PortableExecutable(view.Name, image).WithSection(".script", "#!ipxe\n"u8));
    }).QuickCheckThrowOnFailure();

    private static Arbitrary<(int, byte)[]> Mutations() =>
        (from at in Gen.Choose(0, int.MaxValue) from value in Gen.Choose(0, 255) select (at, (byte)value)).NonEmptyListOf().Select(list => list.Take(4).ToArray()).ToArbitrary();

    // Half of them where the headers are.
    private static void Mutate(byte[] bytes, (int At, byte Value)[] mutations, int headers)
    {
        foreach ((int at, byte value) in mutations)
        {
            bytes[at % (at % 2 == 0 ? headers : bytes.Length)] = value;
        }
    }

    private static void ReadsOrFails(byte[] input, Func<InputView, object?> read)
    {
        try
        {
            read(new InputView("input", input));
        }
        catch (InputError error)
        {
            Assert.NotEmpty(error.Field);
            Assert.True(error.Offset >= 0);
        }
    }

    private static void AssertAdded(FlashImage before, FlashImage after)
    {
        IEnumerable<byte[]> expected = before.Dxe.Files.Select(file => file.View.Span.ToArray()).Append(s_driver);
        Assert.Equal(expected, after.Dxe.Files.Select(file => file.View.Span.ToArray()));
        VolumeFile added = after.Dxe.Files[^1];
        Assert.Equal(FileType.Driver, added.Type);
        Assert.Equal(FirmwareGuid.Named("driver"), added.Name);
        Assert.Equal([SectionType.Pe32, SectionType.UserInterface, SectionType.Version], Section.ReadAll(added.Content).Select(section => section.Type));
    }
}
