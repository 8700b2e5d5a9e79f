using System;
using NetBoot.Boot.Packaging;
using Xunit;

namespace NetBoot.Tests.Packaging;

public sealed class PortableExecutableTests
{
    [Fact]
    public void WithSection_AddsItAtTheEnd_AndReadsBack()
    {
        byte[] original = SampleImage.Make();
        byte[] made = new PortableExecutable("a.efi", original).WithSection(".script", "#!ipxe\necho hello\n"u8);
        PortableExecutable again = new("a.efi", made);
        Assert.Equal("#!ipxe\necho hello\n"u8, again.Content(".script")!);
        Assert.Equal(original.AsSpan(SampleImage.HeadersSize), made.AsSpan(SampleImage.HeadersSize, 0x200));
        Assert.Equal(0x3000, BitConverter.ToInt32(made, SampleImage.Optional + 56));
        Assert.Equal(0, made.Length % 0x200);
    }

    [Fact]
    public void WithSection_Twice_IsAnError()
    {
        byte[] made = new PortableExecutable("a.efi", SampleImage.Make()).WithSection(".script", "#!ipxe\n"u8);
        Assert.Contains("has a section .script already", Assert.Throws<InputError>(() => new PortableExecutable("a.efi", made).WithSection(".script", "#!ipxe\n"u8)).Message);
    }

    [Fact]
    public void WithSection_OfASignedImage_IsAnError()
    {
        byte[] signed = SampleImage.Make();
        signed[SampleImage.Optional + 112 + (8 * 4) + 4] = 8;
        Assert.Contains("Sign it afterwards", Assert.Throws<InputError>(() => new PortableExecutable("a.efi", signed).WithSection(".script", "#!ipxe\n"u8)).Message);
    }

    [Fact]
    public void WithoutLastSection_IsTheImageOfBefore()
    {
        byte[] original = SampleImage.Make();
        byte[] made = new PortableExecutable("a.efi", original).WithSection(".roots", new byte[0x345]);
        Assert.Equal(original, new PortableExecutable("a.efi", made).WithoutLastSection(".roots").Bytes);
        byte[] more = new PortableExecutable("a.efi", made).WithSection(".script", "#!ipxe\n"u8);
        Assert.Contains("does not end with .roots", Assert.Throws<InputError>(() => new PortableExecutable("a.efi", more).WithoutLastSection(".roots")).Message);
    }

    [Theory]
    [InlineData(0x00, "e_magic")]
    [InlineData(0x40, "PE signature")]
    [InlineData(0x44, "Machine")]
    [InlineData(SampleImage.Optional, "Magic")]
    [InlineData(SampleImage.Optional + 68, "Subsystem")]
    [InlineData(SampleImage.SectionTable + 18, "SizeOfRawData")]
    public void Read_OfADamagedImage_NamesTheField(int at, string field)
    {
        byte[] image = SampleImage.Make();
        image[at] ^= 0x40;
        InputError error = Assert.Throws<InputError>(() => new PortableExecutable("a.efi", image));
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void Read_OfATruncatedImage_IsAnError()
    {
        byte[] image = SampleImage.Make();
        for (int length = 0; length < image.Length; length++)
        {
            Assert.Throws<InputError>(() => new PortableExecutable("a.efi", image[..length]));
        }
    }
}
