using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Real DHCP, TFTP and HTTP servers (dnsmasq, nginx) on a TAP interface.</summary>
[Trait("Kind", "Lab")]
public sealed class RealServerTests : FirmwareTest
{
    [NamespaceFact]
    public async Task Firmware_ByHttpBootFromDhcp_StartsTheAppWhoseScriptComesFromThere()
    {
        string web = NewFolder("web", ("autoexec.ipxe", "#!ipxe\necho script from the web server, net0 has ${net0/ip}\n"));
        NetworkNamespace inside = await NewNetworkAsync();
        await ServeHttpBootAsync(inside, web);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, CardCatalogue.Get(CardRole.Undriven).DriverFile));
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.AddBoot("HTTP", MachinePath.Pci(VirtualMachine.FirstNicSlot).Mac(MacText.Numbered(0)).IPv4().Uri(""));
            },
            Nics = [new GuestNic { Network = new TapNetwork("tap0") }],
        });
        await machine.Serial.WaitForAsync("Start HTTP Boot over IPv4");
        await machine.Serial.WaitForAsync(@"script from the web server, net0 has 192\.0\.2\.\d+");
    }

    [NamespaceFact]
    public async Task App_WithDnsmasq_TakesALease_FetchesByBothVersions_AndBootsFromPxeMenusAndADiskByIscsi_AlsoBesideADhcpServer()
    {
        string files = NewFolder(
            "files", ("rescue.ipxe", "#!ipxe\necho rescue from the menu of ${next-server}\n"), ("install.ipxe", "#!ipxe\n"),
            ("proxied.ipxe", "#!ipxe\necho beside ${dhcp-server} ${pxebs/dhcp-server} has ${pxebs/filename}\n"));
        WriteRandom(files, 3_000_001);
        NetworkNamespace inside = await NewNetworkAsync();
        await inside.AddIPv6AddressAsync("tap0", "2001:db8:1::1/64");
        Own(await NginxServer.StartAsync(files, "", "[2001:db8:1::1]", inside));
        DnsmasqServer server = Own(await DnsmasqServer.StartAsync(
            inside, "tap0",
            [
                "--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-boot=content.bin", "--dhcp-option=7,192.0.2.1",
                "--pxe-prompt=Which one?,2", "--pxe-service=7,Rescue,rescue.ipxe", "--pxe-service=7,Install,install.ipxe",
                "--enable-ra", "--dhcp-range=2001:db8:1::,ra-only,64,1h", "--address=/boot.example/2001:db8:1::1",
            ],
            files, names: true));
        await inside.AddTapAsync("tap1", "198.51.100.1/24");
        Own(await DnsmasqServer.StartAsync(inside, "tap1", ["--dhcp-range=198.51.100.10,198.51.100.99,1h"]));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap1",
            [
                "--dhcp-range=198.51.100.0,proxy",
                "--pxe-prompt=Which of the proxy's?,1", "--pxe-service=7,Proxied,proxied.ipxe", "--pxe-service=7,Install,install.ipxe",
            ],
            files));
        await inside.AddTapAsync("tap2", "203.0.113.1/24");
        string disk = Directory.Combine("disk.img");
        string volume = Directory.Combine("disk.volume");
        string grub = await BootPrograms.MakeGrubAsync(Directory, "echo GRUB of the disk that DHCP names\nexit\n");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]> { ["EFI/BOOT/BOOTX64.EFI"] = await File.ReadAllBytesAsync(grub) });
        await File.WriteAllBytesAsync(disk, GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "DISK"));
        Own(await TgtServer.StartAsync(disk, "203.0.113.1", 3260, inside));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap2", ["--dhcp-range=203.0.113.10,203.0.113.99,1h", $"--dhcp-option=17,iscsi:203.0.113.1:::1:{TgtServer.Target}"]));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", """
            #!ipxe
            dhcp net0 || goto failed
            imgfetch --name big tftp://${next-server}/${filename} || goto failed
            imgstat
            echo fetched from ${next-server}
            ifconf -c ipv6 net0 || goto failed
            echo router ${net0/gateway6} gave ${net0/ip6}/${net0/len6} and ${net0/dns6}
            set router ${net0.ndp/gateway6}
            ping -q -c 1 ${router}%net0 || goto failed
            nslookup address boot.example && echo name of ${address} || goto failed
            imgfetch --name six http://boot.example/content.bin || goto failed
            imgfetch --name seven tftp://[2001:db8:1::1]/content.bin || goto failed
            md5sum big six seven
            ping -q -c 1 2001:db8:1::1 || goto failed
            pxebs net0 0x8001 || goto failed
            echo boot server has ${pxebs/filename}
            autoboot net0 || goto failed
            autoboot net1 || goto failed
            autoboot net2 || goto failed
            set net0/ip6 2001:db8:1::99
            ifopen net0 || goto failed
            imgfetch --name eight http://[2001:db8:1::1]/content.bin || goto failed
            md5sum eight
            echo script ended
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            SystemPartition = partition.Root,
            Nics =
            [
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap0"), Capture = true },
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap1") },
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap2") },
            ],
        });
        await machine.Serial.WaitForAsync("script ended|script failed");
        Assert.Contains("rescue from the menu of 192.0.2.1", machine.Serial.Text);
        Assert.Contains("beside 198.51.100.1 198.51.100.1 has proxied.ipxe", machine.Serial.Text);
        Assert.Contains("GRUB of the disk that DHCP names", machine.Serial.Text);
        Assert.Contains("Which of the proxy's? (1)", machine.Serial.Text);
        Assert.Contains("fetched from 192.0.2.1", machine.Serial.Text);
        Assert.Contains("boot server has install.ipxe", machine.Serial.Text);
        Assert.Contains("Which one? (2)", machine.Serial.Text);
        Assert.Contains(machine.Frames(), frame => Encoding.Latin1.GetString(frame).EndsWith("<6>ipxe: fetched from 192.0.2.1", StringComparison.Ordinal));
        Assert.Matches(@"router fe80::[0-9a-f:]+ gave 2001:db8:1:0:5054:ff:fe[0-9a-f:]+/64 and fe80::", machine.Serial.Text);
        Assert.Contains("name of 2001:db8:1::1", machine.Serial.Text);
        string sum = Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(Path.Combine(files, "content.bin"))));
        Assert.Contains($"{sum}  big\n", machine.Serial.Text.ReplaceLineEndings("\n"));
        Assert.Contains($"{sum}  six\n", machine.Serial.Text.ReplaceLineEndings("\n"));
        Assert.Contains($"{sum}  seven\n", machine.Serial.Text.ReplaceLineEndings("\n"));
        Assert.Contains($"{sum}  eight\n", machine.Serial.Text.ReplaceLineEndings("\n"));
        byte[] fromWhatWasSet = Convert.FromHexString("20010DB8000100000000000000000099" + "20010DB8000100000000000000000001");
        Assert.Contains(machine.Frames(), frame => frame.AsSpan().IndexOf(fromWhatWasSet) >= 0);
        Assert.Contains("3000001", machine.Serial.Text);
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.Contains("DHCPACK(tap0)", server.Log);
    }
}
