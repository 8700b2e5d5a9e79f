using System;
using System.Text;
using System.Text.RegularExpressions;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>From the start to the first script, and back to the firmware.</summary>
public class StartUpTests
{
    private const string Script = "#!ipxe\necho script ${cwuri}\n";

    [Theory]
    [InlineData("file:///EFI/BOOT/BOOTX64.EFI", "file:///EFI/BOOT/autoexec.ipxe")]
    [InlineData("file:///EFI/BOOT/BOOTX64.EFI", "file:///autoexec.ipxe")]
    public void Autoexec_IsFoundBesideTheApp_ThenInTheRoot(string own, string script)
    {
        using TestSession session = new();
        session.Platform.AddFile(script, Script);

        Assert.True(Run(session, own, "").IsSuccess);

        Assert.EndsWith($"Running {script}\nscript {script}\n", session.Output);
    }

    [Theory]
    [InlineData(false, "Features: DNS HTTP iSCSI TFTP VLAN EFI\n")]
    [InlineData(true, "Features: DNS HTTP HTTPS iSCSI TFTP VLAN EFI\n")]
    public void Features_NameHttps_WhereThereIsTls(bool hasTls, string expected)
    {
        using TestSession session = new();
        session.Platform.IsTlsThere = hasTls;

        Run(session, "file:///app.efi", "exit");

        Assert.Contains(expected, session.Output);
    }

    [Fact]
    public void Autoexec_BesideTheApp_ComesFirst()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///a/autoexec.ipxe", "#!ipxe\necho beside");
        session.Platform.AddFile("file:///autoexec.ipxe", "#!ipxe\necho root");

        Run(session, "file:///a/app.efi", "");

        Assert.EndsWith("beside\n", session.Output);
    }

    [Fact]
    public void Autoexec_WithoutContent_EndsTheSearch()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///a/autoexec.ipxe", "");
        session.Platform.AddFile("file:///autoexec.ipxe", Script);

        Run(session, "file:///a/app.efi", "");

        Assert.Contains("Press Ctrl-B", session.Output);
        Assert.DoesNotContain("script", session.Output.Replace("not a script", ""));
        Assert.Null(session.Session.Images.First);
    }

    [Fact]
    public void Autoexec_ThatIsNoScript_IsNamedAndNotRun()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///autoexec.ipxe", "echo x\n");

        Run(session, "file:///app.efi", "");

        Assert.Contains("file:///autoexec.ipxe: not a script: it begins with \"echo x\", not with #!ipxe", session.Output);
    }

    [Fact]
    public void CommandLine_IsRunInsteadOfAutoexec_AndNeedsNoMagic()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///autoexec.ipxe", Script);

        Run(session, "file:///app.efi", "echo one && echo two ; nosuch");

        Assert.Contains("one\ntwo\n<CMDLINE>:1: nosuch: command not found\n", session.Output);
        Assert.Empty(session.Platform.Fetched);
    }

    [Fact]
    public void ExitStatus_IsTheFirmwares_AfterAnOfferOfTheShell()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///autoexec.ipxe", "#!ipxe\nexit 7\n");

        Assert.Equal(7u, ExitStatus.ToCode(Run(session, "file:///app.efi", "")));
        Assert.Contains("autoexec.ipxe ended with status 7\nPress Ctrl-B", session.Output);
    }

    [Fact]
    public void ControlB_OpensTheShell_WhoseStatusIsTheFirmwares()
    {
        using TestSession session = new();
        session.Terminal.Type("\x02" + "echo hi\rexit 2\r");

        Assert.Equal(2u, ExitStatus.ToCode(Run(session, "", "")));
        Assert.Contains("NetBoot> echo hi\nhi\n", session.Output);
    }

    [Fact]
    public void NoScriptAndNoNetwork_IsAnError()
    {
        using TestSession session = new();

        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Run(session, "", ""));
        Assert.Contains("There is no network device that can be used.", session.Output);
    }

    [Fact]
    public void Autoexec_IsNeverPartOfAnInitrd()
    {
        using TestSession session = new();
        ulong size = 1;
        session.Platform.AddFile("file:///autoexec.ipxe", "#!ipxe\nchain -q linux\n");
        session.Platform.AddFile("file:///linux", TestSession.Executable);
        session.Platform.OnStart = (_, images) =>
        {
            size = new Initrd(images, isForLinux: true).Size;
            return null;
        };

        Run(session, "file:///app.efi", "");

        Assert.Equal(0UL, size);
    }

    [Theory]
    [InlineData("netboot.efi echo hi", "", "echo hi")]
    [InlineData("FS0:\\EFI\\NetBoot.EFI  echo hi ", "", "echo hi")]
    [InlineData("boot echo hi", "\\EFI\\boot", "echo hi")]
    [InlineData("echo hi", "\\app.efi", "echo hi")]
    [InlineData("netboot.efi", "", "")]
    [InlineData("", "", "")]
    [InlineData("echo hi\0garbage", "", "echo hi")]
    [InlineData("\u0001\u0002binary", "", "")]
    [InlineData("\u4E00", "", "")]
    public void CommandLine_IsWhatFollowsTheAppsName(string options, string own, string expected) =>
        Assert.Equal(expected, BootOrigin.ParseOptions(options, own));

    [Fact]
    public void DevicePath_TellsFileUriAndMac()
    {
        byte[] file = new DevicePathBuilder().FilePath("\\EFI\\BOOT").FilePath("APP.EFI").ToArray();
        byte[] net = new DevicePathBuilder().Mac(new NetBoot.Uefi.Interop.MacAddress(0x563412005452), 1).Uri("http://h/a.efi").ToArray();

        Assert.Equal("\\EFI\\BOOT\\APP.EFI", BootOrigin.FilePath(file));
        Assert.Equal("", BootOrigin.FilePath(net));
        Assert.Equal("http://h/a.efi", BootOrigin.FindUri(net));
        Assert.Equal(0x563412005452UL, BootOrigin.FindMac(net)!.Value.Value);
        Assert.Null(BootOrigin.FindMac(file));
        Assert.Equal(0, BootOrigin.FindVlan(net));
        byte[] version6 = new DevicePathBuilder().Path(net).Node(3, 0x0D, new byte[56]).Uri("").ToArray();
        Assert.Equal(AddressFamily.None, BootOrigin.FindFamily(net));
        Assert.Equal(AddressFamily.IPv6, BootOrigin.FindFamily(version6));
        Assert.Equal(AddressFamily.IPv4, BootOrigin.FindFamily(new DevicePathBuilder().Path(version6).Node(3, 0x0C, new byte[23]).ToArray()));
        Assert.Equal(AddressFamily.None, BootOrigin.FindFamily(new DevicePathBuilder().Path(net).Node(3, 0x0D, new byte[55]).ToArray())); // cut off
        byte[] vlan = new DevicePathBuilder().Mac(new NetBoot.Uefi.Interop.MacAddress(0x563412005452), 1).Node(3, 0x14, [0xFE, 0x0F]).Node(3, 0x14, [1]).ToArray();
        Assert.Equal(4094, BootOrigin.FindVlan(vlan));
    }

    [Theory]
    [InlineData("070000FF", "")]
    [InlineData("070000FF 000E0000 003B0003 612F62", "a/b")]
    [InlineData("070000FF 003B0001 61 003B0001 62", "a")]
    [InlineData("070000FF 003B0004 612F6200", "a/b")]
    [InlineData("070000FF 0003FFFF 003B0001 61", "")] // Longer than the packet.
    [InlineData("070000FF 003B0002 61", "")]
    [InlineData("070000FF 003B00", "")]
    [InlineData("070000FF 00000000 003B0001 61", "")] // What follows the packet is not it.
    [InlineData("0700", "")]
    [InlineData("", "")]
    public void BootFileUrl_IsThatOfTheFirstOption_AndNoneBeyondThePacket(string packet, string expected) =>
        Assert.Equal(expected, BootOrigin.FindBootFileUrl(Convert.FromHexString(packet.Replace(" ", ""))));

    /// <summary>Gives the application a NIC whose link has a router, the host that is returned.</summary>
    private static PeerHost AddNetworkOfIPv6(TestSession session)
    {
        TestLink link = new(1);
        PeerHost router = new(link, IPv6Router.Parse("fe80::1"));
        link.Peer = router;
        router.IcmpArrived = (_, message) =>
        {
            if (message[0] == 133)
            {
                new IPv6Router(router, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
            }
        };
        session.EventLoop.Network = session.Session.Network;
        session.Session.Add(new BootInterface(new NetworkInterface("net0", link), "a card"));
        return router;
    }

    [Theory]
    [InlineData("http://[2001:db8::7]/dir/netboot.efi", AddressFamily.None, true, false)]
    [InlineData("tftp://server/dir/netboot.efi", AddressFamily.IPv6, true, false)]
    [InlineData("http://192.0.2.7/dir/netboot.efi", AddressFamily.IPv6, false, true)]
    [InlineData("http://server/dir/netboot.efi", AddressFamily.IPv4, false, true)]
    [InlineData("http://server/dir/netboot.efi", AddressFamily.None, true, true)]
    public void Autoexec_OnANetworkOfIPv6_IsWaitedForWithTheVersionOfItsServer(string own, AddressFamily family, bool isFound, bool asksDhcp)
    {
        using TestSession session = new();
        PeerHost router = AddNetworkOfIPv6(session);
        session.Platform.AddFile(own.Replace("netboot.efi", "autoexec.ipxe"), "#!ipxe\necho found with ${net0/ip6} <${net0/ip}>\n");

        Run(session, own, "", family: family);

        Assert.Equal(isFound, session.Output.Contains("found with 2001:db8::5054:ff:fe00:1 <>\n"));
        Assert.Equal(asksDhcp, router.Frames.Exists(frame => frame[12] == 8 && frame[23] == 17 && frame[37] == 67));
    }

    [Fact]
    public void Autoexec_OfAServerOfTheVersionThatIsNotThereYet_IsWaitedFor()
    {
        using TestSession session = new();
        AddNetworkOfIPv6(session);
        session.Platform.AddFile("http://[2001:db8::7]/autoexec.ipxe", "#!ipxe\necho found with ${net0/ip6} and ${net0/ip}\n");
        session.Run("set ipv6 0\nset net0/ip 192.0.2.9\nset net0/netmask 255.255.255.0\nifopen net0\nclear ipv6");

        Run(session, "http://[2001:db8::7]/netboot.efi", "");

        Assert.Contains("found with 2001:db8::5054:ff:fe00:1 and 192.0.2.9\n", session.Output);
    }

    [Theory]
    [InlineData("http://[2001:db8::7/netboot.efi", "2001:db8::7")]
    [InlineData("http://[2001:db8::7]:99999/netboot.efi", "99999")]
    public void Autoexec_OfAnAppWithABadUri_IsRefusedWithWhatIsWrong(string own, string named)
    {
        using TestSession session = new();
        session.Session.Add(new BootInterface(new NetworkInterface("net0", new TestLink(1)), "a card"));

        Run(session, own, "");

        Assert.Matches($"\nNo autoexec.ipxe: .*{Regex.Escape(named)}.*\n", session.Output);
        Assert.Empty(session.Platform.Fetched);
    }

    [Fact]
    public void EmbeddedScript_IsRunInsteadOfAutoexec_AndIsRelativeToTheApp()
    {
        using TestSession session = new();
        session.Platform.AddFile("file:///a/autoexec.ipxe", Script);
        session.Platform.AddFile("file:///a/next.ipxe", "#!ipxe\necho next\n");

        Run(session, "file:///a/app.efi", "", "#!ipxe\necho inside\nchain -qa next.ipxe\nnosuch\n");

        Assert.Contains("inside\nnext\n<EMBEDDED>:4: nosuch: command not found\n", session.Output);
        Assert.Null(session.Session.Images.First);
    }

    [Fact]
    public void EmbeddedScript_GivesWayToACommandLine()
    {
        using TestSession session = new();

        Run(session, "file:///app.efi", "echo line", "#!ipxe\necho inside\n");

        Assert.EndsWith("EFI\nline\n", session.Output);
    }

    [Fact]
    public void EmbeddedScript_IsFoundInItsSection()
    {
        // As firmware loads it: sections at their addresses. The section table of the sample is at 0x148.
        byte[] file = new NetBoot.Boot.Packaging.PortableExecutable("a.efi", NetBoot.Tests.Packaging.SampleImage.Make()).WithSection(EmbeddedSection.Script, "#!ipxe\n"u8);
        byte[] memory = new byte[0x3000];
        file.AsSpan(0, NetBoot.Tests.Packaging.SampleImage.HeadersSize).CopyTo(memory);
        file.AsSpan(0x600).CopyTo(memory.AsSpan(0x2000));

        Assert.Equal("#!ipxe\n"u8, EmbeddedSection.Find(memory, EmbeddedSection.Script));
        Assert.True(EmbeddedSection.Find(memory.AsSpan(0, 0x2003), EmbeddedSection.Script).IsEmpty);
        for (int length = 0; length < 0x200; length++)
        {
            Assert.True(EmbeddedSection.Find(memory.AsSpan(0, length), EmbeddedSection.Script).IsEmpty);
        }
    }

    private static EFI_STATUS Run(
        TestSession session, string own, string commandLine, string embedded = "", AddressFamily family = AddressFamily.None)
    {
        session.Session.WorkingUri.Set(own);
        session.Session.OwnUri.Set(own);
        return new StartUp(session.Session, commandLine, Encoding.Latin1.GetBytes(embedded)) { Family = family }.Run();
    }
}
