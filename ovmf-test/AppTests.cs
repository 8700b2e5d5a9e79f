using System;
using System.IO;
using System.Threading.Tasks;
using Boot.Tool;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Xunit;

namespace OvmfTest;

/// <summary>The boot application in firmware: from PXE or from the disk, on its own drivers or on others'.</summary>
public sealed class AppTests : FirmwareTest
{
    [Theory]
    [InlineData("netboot.efi", "virtio-net-pci", null)]
    [InlineData("netboot.efi", "e1000", "e1000.efi")]
    [InlineData("netboot.efi", "rtl8139", "rtl8139.efi")]
    [InlineData("netboot.efi", "ne2k_pci", "ne2k.efi")]
    [InlineData("netboot.efi", "pcnet", "pcnet.efi")]
    [InlineData("netboot-snponly.efi", "virtio-net-pci", null)]
    [InlineData("netboot-snponly.efi", "e1000e", "e1000.efi")]
    [InlineData("netboot-snponly.efi", "rtl8139", "rtl8139.efi")]
    [InlineData("netboot-snponly.efi", "ne2k_pci", "ne2k.efi")]
    [InlineData("netboot-snponly.efi", "pcnet", "pcnet.efi")]
    [InlineData("netboot-snponly.efi", "vmxnet3", "vmxnet3.efi")]
    public async Task App_StartedByPxe_RunsItsScriptAndFetchesOverHttpAndTftp(string image, string nic, string? driver)
    {
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello"), ("next.ipxe", "#!ipxe\necho second script runs\nexit 0\n")));
        string tftp = NewFolder(
            "tftp",
            ("file.txt", "hello over TFTP"),
            ("autoexec.ipxe", $"""
                #!ipxe
                echo script runs
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
        SystemPartition? partition = null;
        if (driver != null)
        {
            partition = NewPartition(Architecture.X64);
            partition.AddDriver(Repository.Image(Architecture.X64, driver));
        }

        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition?.Root,
            Variables = store => partition?.WriteVariables(store),
            Nics = [new GuestNic { Model = nic, BootIndex = 0, Network = new UserNetwork { TftpRoot = tftp, BootFile = image } }],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync("script runs");
        await machine.Serial.WaitForAsync("missing file is an error|script failed");
        await machine.Serial.WaitForAsync("second script runs");
        await machine.Serial.WaitForAsync("back from the second script");
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.Contains("GET /missing.txt HTTP/1.1 404", server.AccessLog);
    }

    [Theory]
    [InlineData("netboot.efi", "Virtio network adapter")] // virtio-net.efi's name for it
    [InlineData("netboot-snponly.efi", "Virtio PCI Driver")] // edk2's
    public async Task App_OnACardThatTheFirmwareDrives_SaysWhoseDriverItRunsOn(string image, string driver)
    {
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nifstat\necho end of ifstat\n");
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [new GuestNic { Model = "virtio-net-pci" }] });
        await machine.Serial.WaitForAsync("end of ifstat");
        Assert.Matches($"net0: [0-9a-f:]+ {driver}", machine.Serial.Text);
    }

    [Theory]
    [InlineData("x64", "netboot.efi", "e1000")]
    [InlineData("x64", "netboot.efi", "virtio-net-pci")]
    [InlineData("x64", "netboot.efi", "rtl8139")]
    [InlineData("aa64", "netboot.efi", "e1000")]
    [InlineData("aa64", "netboot.efi", "rtl8139")]
    [InlineData("aa64", "netboot-snponly.efi", "virtio-net-pci")]
    public async Task App_StartedFromTheDisk_RunsTheScriptBesideIt(string architecture, string image, string nic)
    {
        Architecture machineKind = architecture == "x64" ? Architecture.X64 : Architecture.Aa64;
        NginxServer server = await ServeAsync(NewFolder("web", ("hello.txt", "hello")));
        SystemPartition partition = NewPartition(machineKind);
        partition.SetApplication(Repository.Image(machineKind, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp || goto failed
            imgfetch --name one http://{UserNetwork.Host}:{server.Port}/hello.txt || goto failed
            echo address {"${net0/ip}"} fetched
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new() { Architecture = machineKind, SystemPartition = partition.Root, Nics = [new GuestNic { Model = nic }] });
        await machine.Serial.WaitForAsync(@"address 10\.0\.2\.\d+ fetched", TimeSpan.FromSeconds(90));
        Assert.Contains("GET /hello.txt HTTP/1.1 200", server.AccessLog);
    }

    [Theory]
    [InlineData("e1000")]
    [InlineData("e1000e")]
    [InlineData("ne2k_pci")]
    [InlineData("pcnet")]
    [InlineData("rtl8139")]
    [InlineData("virtio-net-pci")]
    [InlineData("vmxnet3")]
    public Task App_Has64MiBInItsMemory_AsTheServerHasThem(string nic) => FetchIntactAsync(Architecture.X64, nic);

    [Theory]
    [InlineData("netboot.efi", "e1000")]
    [InlineData("netboot.efi", "pcnet")]
    [InlineData("netboot.efi", "rtl8139")]
    [InlineData("netboot.efi", "ne2k_pci")]
    [InlineData("netboot.efi", "virtio-net-pci")]
    [InlineData("netboot.efi", "vmxnet3")]
    [InlineData("netboot-snponly.efi", "virtio-net-pci")]
    public async Task App_BootsLinuxWithItsInitrd(string image, string nic)
    {
        (string kernel, string initrd) = Boot.Tool.Commands.DemoCommand.FindInstaller();
        string web = NewFolder("web");
        File.CreateSymbolicLink(Path.Combine(web, "linux"), kernel);
        File.CreateSymbolicLink(Path.Combine(web, "initrd.gz"), initrd);
        NginxServer server = await ServeAsync(web);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", Boot.Tool.Commands.DemoCommand.Script(server.Port));
        VirtualMachine machine = await StartAsync(new() { MemoryMiB = 1024, SystemPartition = partition.Root, Nics = [new GuestNic { Model = nic }] });
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromSeconds(180));
        await machine.Serial.WaitForAsync("Starting system log daemon", TimeSpan.FromSeconds(120));
    }

    [Theory]
    [InlineData("netboot.efi", "e1000")]
    [InlineData("netboot.efi", "virtio-net-pci")]
    [InlineData("netboot-snponly.efi", "virtio-net-pci")]
    public async Task App_ChainsGrub_WhichGoesOnWithItsLease_AndTheFirmwaresStack(string image, string nic)
    {
        string grub = await Clients.MakeGrubAsync(Directory, "echo GRUB address $net_default_ip\ncat (tftp,$net_default_server)/hello.txt\nexit\n");
        string web = NewFolder("web", ("after.txt", "after"));
        File.Copy(grub, Path.Combine(web, "grub.efi"));
        NginxServer server = await ServeAsync(web);
        string tftp = NewFolder("tftp", ("hello.txt", "read by GRUB over TFTP\n"));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            chain http://{UserNetwork.Host}:{server.Port}/grub.efi || echo GRUB failed
            imgfetch http://{UserNetwork.Host}:{server.Port}/after.txt && echo network is back
            """ + "\n");
        GuestNic card = new() { Model = nic, Network = new UserNetwork { TftpRoot = tftp, BootFile = "grub.efi" } };
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [card] });
        await machine.Serial.WaitForAsync(@"GRUB address 10\.0\.2\.15");
        await machine.Serial.WaitForAsync("read by GRUB over TFTP");
        await machine.Serial.WaitForAsync("network is back");
    }

    [Theory]
    [InlineData("e1000")]
    [InlineData("virtio-net-pci")]
    public async Task App_ThatStartsItself_FindsItsNicAgain(string nic)
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
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [new GuestNic { Model = nic }] });
        await machine.Serial.WaitForAsync("network is back");
        Assert.Contains("GET /inner.txt HTTP/1.1 200", server.AccessLog);
        Assert.Contains("GET /outer.txt HTTP/1.1 200", server.AccessLog);
    }
}
