using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The boot application in firmware: from PXE or from the disk, on its own drivers or on others'.</summary>
public sealed class AppTests : FirmwareTest
{
    /// <summary>The first card of each family for netboot.efi; netboot-snponly.efi, to which all are the same, on one that we drive and one that the firmware drives.</summary>
    public static IEnumerable<object[]> PxeRows() =>
    [
        .. CardCatalogue.Emulated.Select(family => new object[] { "netboot.efi", family.Cards[0].Device }),
        ["netboot-snponly.efi", CardCatalogue.Get(CardRole.Undriven).Device],
        ["netboot-snponly.efi", CardCatalogue.Get(CardRole.Driven).Device],
    ];

    [Theory]
    [MemberData(nameof(PxeRows))]
    public async Task App_StartedByPxe_RunsItsScriptAndFetchesOverHttpAndTftp(string image, string nic)
    {
        CardFamily family = CardCatalogue.Find(nic)!.Family;
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello"), ("next.ipxe", "#!ipxe\necho second script runs\nexit 0\n")));
        string tftp = NewFolder(
            "tftp",
            ("file.txt", "hello over TFTP"),
            ("autoexec.ipxe", $"""
                #!ipxe
                echo script runs
                ifstat
                dhcp || goto failed
                imgfetch --name one http://{UserNetwork.Host}:{server.Port}/hello.txt || goto failed
                imgfetch --name two tftp://{UserNetwork.Host}/file.txt || goto failed
                imgstat
                imgfree one
                imgfree two
                imgfetch http://{UserNetwork.Host}:{server.Port}/missing.txt || echo missing file is an error
                chain http://{UserNetwork.Host}:{server.Port}/next.ipxe || goto failed
                echo back from the second script
                exit 0
                :failed
                echo script failed
                """ + "\n"));
        File.Copy(Repository.Image(Architecture.X64, image), Path.Combine(tftp, image));
        VirtualMachine machine = await StartAsync(WithDriver(
            Architecture.X64, family.IsDrivenByFirmware ? null : family.Image + ".efi",
            new GuestNic { Model = nic, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = image } }));
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync("script runs");
        if (image == "netboot.efi")
        {
            await machine.Serial.WaitForAsync($"net0: [0-9a-f:]+ {Regex.Escape(family.Product)}");
        }

        await machine.Serial.WaitForAsync("missing file is an error|script failed");
        await machine.Serial.WaitForAsync("second script runs");
        await machine.Serial.WaitForAsync("back from the second script");
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.Contains("GET /missing.txt HTTP/1.1 404", server.AccessLog);
    }

    [Theory]
    [InlineData("x64", "netboot.efi", null)]
    [InlineData("x64", "netboot-snponly.efi", "Virtio PCI Driver")] // edk2's name for it
    [InlineData("aa64", "netboot.efi", null)]
    public async Task App_OnACardThatTheFirmwareDrives_SaysWhoseDriverItRunsOn_AndFetchesOverIPv6(string architecture, string image, string? driver)
    {
        Architecture kind = Architecture.Named(architecture);
        Card card = CardCatalogue.Get(CardRole.Driven);
        UserNetwork network = new() { TftpRoot = NewFolder("tftp", ("hello.txt", "hello over IPv6")), HasIPv6 = true };
        SystemPartition partition = NewPartition(kind);
        partition.SetApplication(Repository.Image(kind, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", """
            #!ipxe
            ifstat
            ifconf -c ipv6 && imgfetch tftp://[fec0::2]/hello.txt && imgstat || echo no file
            echo from ${net0/ip6} by ${net0/gateway6}
            """ + "\n");
        GuestNic nic = new() { Model = card.Device, Network = network };
        VirtualMachine machine = await StartAsync(new() { Architecture = kind, SystemPartition = partition.Root, Nics = [nic] });
        await machine.Serial.WaitForAsync("from fec0::5054:ff:fe[0-9a-f:]+ by fe80::2");
        Assert.Contains("hello.txt : 15 bytes", machine.Serial.Text);
        Assert.Matches($"net0: [0-9a-f:]+ {driver ?? card.Family.Product}", machine.Serial.Text);
    }

    [Theory]
    [InlineData("x64", "netboot.efi", CardRole.Undriven)]
    [InlineData("x64", "netboot.efi", CardRole.Driven)]
    [InlineData("x64", "netboot.efi", CardRole.OtherUndriven)]
    [InlineData("aa64", "netboot.efi", CardRole.Undriven)]
    [InlineData("aa64", "netboot.efi", CardRole.OtherUndriven)]
    [InlineData("aa64", "netboot-snponly.efi", CardRole.Driven)]
    public async Task App_StartedFromTheDisk_RunsTheScriptBesideIt(string architecture, string image, CardRole nic)
    {
        Architecture kind = Architecture.Named(architecture);
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello")));
        SystemPartition partition = NewPartition(kind);
        partition.SetApplication(Repository.Image(kind, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp || goto failed
            imgfetch --name one http://{UserNetwork.Host}:{server.Port}/hello.txt || goto failed
            echo address {"${net0/ip}"} fetched
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new() { Architecture = kind, SystemPartition = partition.Root, Nics = [new GuestNic { Model = CardCatalogue.Get(nic).Device }] });
        await machine.Serial.WaitForAsync(@"address 10\.0\.2\.\d+ fetched", TimeSpan.FromSeconds(90));
        Assert.Contains("GET /hello.txt HTTP/1.1 200", server.AccessLog);
    }

    [Theory]
    [MemberData(nameof(CardRows.Plain), MemberType = typeof(CardRows))]
    public Task App_Has64MiBInItsMemory_AsTheServerHasThem(string nic) => FetchIntactAsync(Architecture.X64, nic);

    [Theory]
    [MemberData(nameof(CardRows.First), MemberType = typeof(CardRows))]
    public Task App_BootsLinuxWithItsInitrd(string nic) => BootLinuxAsync("netboot.efi", nic, LinkLinuxInto);

    [Fact]
    public Task App_OnTheFirmwaresDriver_BootsLinuxWithItsInitrd() =>
        BootLinuxAsync("netboot-snponly.efi", CardCatalogue.Get(CardRole.Driven).Device, folder => DebianInstaller.LinkInto(folder));

    /// <summary>OvmfPkg's PxeBcPcdProducerLib: its PXE is left out.</summary>
    private static readonly string[] s_noPxe =
        ["-fw_cfg", "name=opt/org.tianocore/IPv4PXESupport,string=n", "-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"];

    [Theory]
    [InlineData("netboot.efi", CardRole.Undriven)]
    [InlineData("netboot.efi", CardRole.Driven)]
    [InlineData("netboot.efi", CardRole.Driven, false)] // By the PXE that is ours then.
    [InlineData("netboot-snponly.efi", CardRole.Driven)]
    public async Task App_ChainsGrub_WhichGoesOnWithItsLease_AndTheFirmwaresStack(string image, CardRole nic, bool hasPxe = true)
    {
        string grub = await BootPrograms.MakeGrubAsync(Directory, $"echo GRUB address $net_default_ip\ncat (tftp,{UserNetwork.Host})/hello.txt\nexit\n");
        string web = NewFolder("web", ("after.txt", "after"));
        File.Copy(grub, Path.Combine(web, "grub.efi"));
        NginxServer server = await ServeAsync(web);
        string tftp = NewFolder("tftp", ("hello.txt", "read by GRUB over TFTP\n"));
        File.Copy(grub, Path.Combine(tftp, "grub.efi"));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            chain {(hasPxe ? $"http://{UserNetwork.Host}:{server.Port}" : $"tftp://{UserNetwork.Host}")}/grub.efi || echo GRUB failed
            imgfetch http://{UserNetwork.Host}:{server.Port}/after.txt && echo network is back
            """ + "\n");
        GuestNic card = new() { Model = CardCatalogue.Get(nic).Device, Network = new UserNetwork { TftpRoot = tftp, BootFile = "grub.efi" } };
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [card], More = hasPxe ? [] : s_noPxe });
        await machine.Serial.WaitForAsync(@"GRUB address 10\.0\.2\.15");
        await machine.Serial.WaitForAsync("read by GRUB over TFTP");
        await machine.Serial.WaitForAsync("network is back");
    }

    /// <summary>Debian's shim reads the packets of PXE, or the device path that it comes from: "grubx64.efi" is beside the boot file, or beside itself.</summary>
    [Fact]
    public async Task App_WithoutTheFirmwaresPxe_StartsShim_WhichFetchesGrubByOurs_OverBothVersionsOfIP_AndByTheFirmwaresHttp()
    {
        string grub = await BootPrograms.MakeGrubAsync(Directory, "echo second stage of $net_default_ip by $net_default_server\nexit\n");
        string web = NewFolder("web", ("after.txt", "after"));
        DebianInstaller.LinkInto(web);
        File.Delete(Path.Combine(web, "grubx64.efi")); // A link to Debian's, which is not to be written to.
        File.Copy(grub, Path.Combine(web, "grubx64.efi"));
        NginxServer server = await ServeAsync(web);
        string tftp = NewFolder("tftp");
        File.Copy(grub, Path.Combine(tftp, "grubx64.efi"));
        File.Copy(Path.Combine(web, "shim.efi"), Path.Combine(tftp, "shim.efi"));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            echo shim by TFTP
            chain tftp://{UserNetwork.Host}/shim.efi || echo shim failed
            echo shim by HTTP
            chain http://{UserNetwork.Host}:{server.Port}/shim.efi || echo shim failed
            ifconf -c ipv6
            echo shim over IPv6
            chain tftp://[fec0::2]/shim.efi || echo shim failed
            imgfetch http://{UserNetwork.Host}:{server.Port}/after.txt && echo network is back
            """ + "\n");
        GuestNic card = new() { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new UserNetwork { TftpRoot = tftp, BootFile = "shim.efi", HasIPv6 = true } };
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [card], More = s_noPxe });
        await machine.Serial.WaitForAsync(@"shim by TFTP\s");
        await machine.Serial.WaitForAsync(@"Fetching Netboot Image grubx64\.efi");
        await machine.Serial.WaitForAsync(@"second stage of 10\.0\.2\.15 by 10\.0\.2\.2\s");
        await machine.Serial.WaitForAsync("shim by HTTP");
        await machine.Serial.WaitForAsync($@"second stage of 10\.0\.2\.15 by 10\.0\.2\.2:{server.Port}");
        await machine.Serial.WaitForAsync("shim over IPv6");
        await machine.Serial.WaitForAsync(@"Fetching Netboot Image /?grubx64\.efi");
        await machine.Serial.WaitForAsync("second stage of ");
        await machine.Serial.WaitForAsync("network is back");
        Assert.Matches(@"GET /+grubx64\.efi HTTP/1\.1 200", server.AccessLog);
        Assert.DoesNotContain("shim failed", machine.Serial.Text);
    }

    [Theory]
    [InlineData(CardRole.Undriven)]
    [InlineData(CardRole.Driven)]
    public async Task App_ThatStartsItself_FindsItsNicAgain(CardRole nic)
    {
        string web = NewFolder("web", ("inner.txt", "inner"), ("outer.txt", "outer"));
        File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(web, "netboot.efi"));
        NginxServer server = await ServeAsync(web);
        string uri = $"http://{UserNetwork.Host}:{server.Port}";
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            chain {uri}/netboot.efi imgfetch {uri}/inner.txt
            imgfetch {uri}/outer.txt && echo network is back
            """ + "\n");
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [new GuestNic { Model = CardCatalogue.Get(nic).Device }] });
        await machine.Serial.WaitForAsync("network is back");
        Assert.Contains("GET /inner.txt HTTP/1.1 200", server.AccessLog);
        Assert.Contains("GET /outer.txt HTTP/1.1 200", server.AccessLog);
    }

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task Menu_OverSerial_IsDrivenByKeys_AndTheChoiceBoots(string architecture)
    {
        Architecture kind = Architecture.Named(architecture);
        SystemPartition partition = NewPartition(kind);
        partition.SetApplication(Repository.Image(kind, "netboot-snponly.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $$"""
            #!ipxe
            menu What is to be started?
            item first First choice
            item --gap A gap
            item second Second choice
            item third Third choice
            choose target || echo given up
            form Its argument
            item word Word
            present || echo given up
            echo ${target} chosen, ${word} typed
            iseq ${target} second && chain {{kind.DefaultBootFile}} echo started by the menu with ${word} || echo wrong choice
            shell
            """ + "\n");
        VirtualMachine machine = await StartAsync(new() { Architecture = kind, SystemPartition = partition.Root, Nics = [] });
        await machine.Serial.WaitForAsync("Third choice");
        await machine.Serial.SendAsync("\e[B\e[B\e[A\r");
        await machine.Serial.WaitForAsync("Ctrl-X: save");
        await machine.Serial.SendAsync("wrod\b\b\bord\r");
        await machine.Serial.WaitForAsync("second chosen, word typed");
        await machine.Serial.WaitForAsync("started by the menu with word");
        await machine.Serial.WaitForAsync("NetBoot> ");
        await machine.Serial.SendAsync("imgf\te\t -q -n own autoex\t\rimgst\t\r");
        await machine.Serial.WaitForAsync(@"own : \d+ bytes");
    }

    private async Task BootLinuxAsync(string image, string nic, Action<string> fill)
    {
        string web = NewFolder("web");
        fill(web);
        NginxServer server = await ServeAsync(web);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", DemoCommand.Script(server.Port));
        VirtualMachine machine = await StartAsync(new() { MemoryMiB = 1024, SystemPartition = partition.Root, Nics = [new GuestNic { Model = nic }] });
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromSeconds(180));
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromSeconds(120)); // out of the initrd
    }
}
