using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.DevicePaths;

public sealed unsafe class DevicePathTests
{
    private static readonly EFI_GUID s_initrd = new(0x5568E427, 0x68FC, 0x4F3D, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68);

    private static string TextOf(ReadOnlySpan<byte> path)
    {
        TextBuilder text = new(0, 4);
        DevicePathText.Append(ref text, path);
        return text.ToString();
    }

    private static byte[] Parse(string text)
    {
        DevicePathBuilder path = new();
        Assert.Null(DevicePathParser.Parse(text, path));
        return path.ToArray();
    }

    // What OVMF's EFI_DEVICE_PATH_TO_TEXT_PROTOCOL prints for these (from its boot log and `devtree`).
    [Theory]
    [InlineData("PciRoot(0x0)")]
    [InlineData("PcieRoot(0x1)/Pci(0x1F,0x7)")]
    [InlineData("PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)")]
    [InlineData("PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)/IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)")]
    [InlineData("MAC(525400123456,0x1)/IPv4(10.0.2.2,TCP,Static,10.0.2.15,10.0.2.2,255.255.255.0)/Uri(http://10.0.2.2/a,b(c).efi)")]
    [InlineData("PciRoot(0x0)/Pci(0x1,0x1)/Ata(Secondary,Master,0x0)/CDROM(0x1,0x5F,0x1680)")]
    [InlineData("PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,68264C0F-858A-49F0-B692-195B64BE4DD7,0x800,0x64000)/\\EFI\\BOOT\\BOOTX64.EFI")]
    [InlineData("PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0)/HD(1,MBR,0xBE1AFDFA,0x3F,0xFBFC1)")]
    [InlineData("PciRoot(0x0)/Pci(0x4,0x0)/Scsi(0x0,0x1)")]
    [InlineData("PciRoot(0x0)/Pci(0x5,0x0)/NVMe(0x1,00-11-22-33-44-55-66-77)")]
    [InlineData("PciRoot(0x0)/Pci(0x1D,0x7)/USB(0x1,0x0)/USB(0x2,0x0)")]
    [InlineData("Acpi(PNP0C02,0x3)/Ctrl(0x1)")]
    [InlineData("VenHw(E3C60C46-4E2B-44A5-B4F0-7E8D0A8A6A10,00112233)")]
    [InlineData("VenMedia(5568E427-68FC-4F3D-AC74-CA555231CC68)")]
    [InlineData("VenMsg(8BE4DF61-93CA-11D2-AA0D-00E098032B8C)")]
    [InlineData("Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)/FvFile(462CAA21-7614-4503-836E-8AB6F4662331)")]
    [InlineData("MemoryMapped(0xB,0x820000,0xE1FFFF)/Offset(0x10,0x20)")]
    [InlineData("MAC(525400123456,0x1)/Vlan(100)")]
    [InlineData("MAC(525400123456,0x1)/iSCSI(iqn.2024-01.test:disk,0x1,0x0001000000000000,None,CRC32C,CHAP_UNI,TCP)")]
    [InlineData("iSCSI(iqn.2024-01.test:disk,0x0,0x4752000000000000,CRC32C,None,None,TCP)")]
    [InlineData("iSCSI(eui.0,0xFFFF,0x0000000000000000,None,None,CHAP_BI,TCP)")]
    [InlineData("Path(9,1,AABB)/Msg(31,00)/HardwarePath(99)")]
    [InlineData("PciRoot(0x0)/Pci(0x1,0x0),PciRoot(0x0)/Pci(0x2,0x0)")]
    public void Text_ReadAndWrittenAgain_IsTheSame(string text) => Assert.Equal(text, TextOf(Parse(text)));

    [Theory]
    [InlineData("Pci(0x3)", "Pci(0x3)")]
    [InlineData("PciRoot(0x0)/Pci(0x100,0x0)", "Pci(0x100,0x0)")]
    [InlineData("PciRoot(0x0)/Pci(3,0,1)", "Pci(3,0,1)")]
    [InlineData("Nonsense(1)", "Nonsense(1)")]
    [InlineData("VenHw(nope)", "VenHw(nope)")]
    [InlineData("MAC(zz,0x1)", "MAC(zz,0x1)")]
    [InlineData("HD(1,GPT,1,2,3)", "HD(1,GPT,1,2,3)")]
    [InlineData("IPv4(1.2.3)", "IPv4(1.2.3)")]
    [InlineData("Path(127,255)", "Path(127,255)")]
    [InlineData("Pci(99999999999999999999,0)", "Pci(99999999999999999999,0)")]
    [InlineData("iSCSI(a,0x1,0x00010000000000,None,None,None,TCP)", "iSCSI(a,0x1,0x00010000000000,None,None,None,TCP)")]
    [InlineData("iSCSI(a,0x1,0x0001000000000000,MD5,None,None,TCP)", "iSCSI(a,0x1,0x0001000000000000,MD5,None,None,TCP)")]
    [InlineData("iSCSI(a,0x1,0x0001000000000000,None,None,None,UDP)", "iSCSI(a,0x1,0x0001000000000000,None,None,None,UDP)")]
    public void Text_ThatCannotBeRead_NamesTheNode(string text, string node)
    {
        Error? error = DevicePathParser.Parse(text, new DevicePathBuilder());
        Assert.NotNull(error);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, error.Status);
        Assert.Equal($"device path: cannot read the node \"{node}\"", error.Message);
    }

    [Fact]
    public void Builder_MakesTheBytesOfTheSpecification()
    {
        byte[] path = new DevicePathBuilder().Mac(new MacAddress([0x52, 0x54, 0, 0x12, 0x34, 0x56]), 1).Uri("http://h/").ToArray();

        byte[] mac = [3, 11, 37, 0, 0x52, 0x54, 0, 0x12, 0x34, 0x56, .. new byte[26], 1];
        byte[] uri = [3, 24, 13, 0, .. "http://h/"u8];
        byte[] end = [0x7F, 0xFF, 4, 0];
        Assert.Equal([.. mac, .. uri, .. end], path);
    }

    [Fact]
    public void Builder_VendorMedia_IsTheInitrdPathThatLinuxLooksFor()
    {
        byte[] path = new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, s_initrd, default).ToArray();
        Assert.Equal(
            [4, 3, 20, 0, 0x27, 0xE4, 0x68, 0x55, 0xFC, 0x68, 0x3D, 0x4F, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68, 0x7F, 0xFF, 4, 0],
            path);
    }

    [Fact]
    public void Builder_FilePath_IsUtf16WithATerminator()
    {
        byte[] path = new DevicePathBuilder().FilePath("\\a").ToArray();
        Assert.Equal([4, 4, 10, 0, (byte)'\\', 0, (byte)'a', 0, 0, 0, 0x7F, 0xFF, 4, 0], path);
    }

    [Fact]
    public void Builder_AppendsAnotherPathWithoutItsEnd()
    {
        byte[] parent = Parse("PciRoot(0x0)/Pci(0x3,0x0)");
        byte[] child = new DevicePathBuilder().Path(parent).Mac(MacAddress.Broadcast, 1).ToArray();
        Assert.Equal("PciRoot(0x0)/Pci(0x3,0x0)/MAC(FFFFFFFFFFFF,0x1)", TextOf(child));
        Assert.True(DevicePath.StartsWith(child, parent));
        Assert.False(DevicePath.StartsWith(parent, child));
    }

    [Fact]
    public void Measure_OfNull_IsEmpty() => Assert.True(DevicePath.Measure(null).IsEmpty);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Measure_OfANodeShorterThanItsHeader_IsEmpty(byte length)
    {
        byte[] path = [1, 1, length, 0, 0x7F, 0xFF, 4, 0];
        fixed (byte* start = path)
        {
            Assert.True(DevicePath.Measure((EFI_DEVICE_PATH_PROTOCOL*)start).IsEmpty);
        }
    }

    [Fact]
    public void Measure_WithoutAnEnd_StopsAtItsBound()
    {
        byte[] path = new byte[DevicePath.MaximumSize + 16];
        for (int i = 0; i < path.Length; i += 4)
        {
            path[i] = 1;
            path[i + 2] = 4;
        }

        fixed (byte* start = path)
        {
            Assert.True(DevicePath.Measure((EFI_DEVICE_PATH_PROTOCOL*)start).IsEmpty);
        }
    }

    [Fact]
    public void Measure_IncludesTheEndNode()
    {
        byte[] path = Parse("PciRoot(0x0)/Pci(0x1,0x0),PciRoot(0x0)/Pci(0x2,0x0)");
        byte[] more = [.. path, 1, 2, 3, 4, 5];
        fixed (byte* start = more)
        {
            Assert.Equal(path, DevicePath.Measure((EFI_DEVICE_PATH_PROTOCOL*)start).ToArray());
        }
    }

    [Fact]
    public void Text_OfNothing_SaysSo()
    {
        Assert.Equal("(no device path)", TextBuilder.Format($"{new DevicePathText(null)}"));
        byte[] bad = [1, 1, 0, 0];
        fixed (byte* start = bad)
        {
            Assert.Equal("(malformed device path)", TextBuilder.Format($"{new DevicePathText((EFI_DEVICE_PATH_PROTOCOL*)start)}"));
        }
    }

    [Fact]
    public void Text_OfANodeTooShortForItsType_IsGeneric() => Assert.Equal("HardwarePath(1,00)", TextOf([1, 1, 5, 0, 0]));

    [Fact]
    public void Text_OfRandomBytes_NeverFails() =>
        Prop.ForAll<byte[]>(bytes => TextOf(bytes ?? []) is not null).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_OfMutatedPaths_NeverFails()
    {
        byte[] path = Parse(
            "PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)/IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)/Uri(http://h/)/" +
            "HD(1,GPT,68264C0F-858A-49F0-B692-195B64BE4DD7,0x800,0x64000)/\\EFI\\BOOT\\BOOTX64.EFI");
        Prop.ForAll<int, byte>((at, value) =>
        {
            byte[] mutated = path.ToArray();
            mutated[(int)((uint)at % (uint)mutated.Length)] = value;
            return TextOf(mutated) is not null;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Parse_OfRandomText_NeverFaults() =>
        Prop.ForAll<string>(text => DevicePathParser.Parse(text ?? "", new DevicePathBuilder()) is not { Message: "" })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_OfMutatedText_NeverFaults()
    {
        const string Text = "PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)/NVMe(0x1,00-11-22-33-44-55-66-77)/IPv4(1.2.3.4,TCP,Static,1.2.3.4)";
        Prop.ForAll<int, char>((at, c) =>
        {
            char[] mutated = Text.ToCharArray();
            mutated[(int)((uint)at % (uint)mutated.Length)] = c;
            return DevicePathParser.Parse(mutated, new DevicePathBuilder()) is not { Message: "" };
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Guid_RoundTripsThroughText() =>
        Prop.ForAll<Guid>(guid =>
        {
            string text = guid.ToString().ToUpperInvariant();
            return EFI_GUID.TryParse(text, out EFI_GUID parsed) && TextBuilder.Format($"{parsed}") == text &&
                guid.ToByteArray().AsSpan().SequenceEqual(new ReadOnlySpan<byte>(&parsed, 16));
        }).QuickCheckThrowOnFailure();
}
