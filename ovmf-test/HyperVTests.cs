using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Labs.HyperV;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop.DevicePaths;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>VMBus, netvsc and storvsc in firmware, on the Hyper-V host model of the unit tests, which serves the machine from outside.</summary>
public sealed class HyperVTests : FirmwareTest
{
    [Fact]
    public async Task HostModel_ServesAnImageThatKnowsNothingOfIt()
    {
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork()));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "takeover.efi"));
        VirtualMachine machine = await StartAsync(guest, partition);
        await machine.Serial.WaitForAsync("Interactive Shell"); // there is a console
        guest.Command = 1;
        await machine.Serial.WaitForAsync("takeover: connected, and has offers");
        guest.Check();
        Assert.Equal([VmbusVersion.Win8_1], guest.Host.Vmbus.Contacts);
    }

    [Fact]
    public async Task Host_WithoutVersion3_IsRefused_AndTheAppTellsWhy()
    {
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork()));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        VirtualMachine machine = await StartAsync(guest, partition);
        guest.Host.Vmbus.HighestVersion = VmbusVersion.Win8;
        await machine.Serial.WaitForAsync("VMBus is not driven: the host does not take VMBus version 3.0");
        guest.Check();
        Assert.Empty(guest.Host.Remains);
        Assert.Equal([VmbusVersion.Win8_1], guest.Host.Vmbus.Contacts);
    }

    /// <summary>Real servers; then Linux, before which everything has been put away.</summary>
    [NamespaceFact]
    [Trait("Kind", "Lab")]
    public async Task Firmware_ByPxeOverNetvsc_StartsTheApp_WhichBootsLinuxOverHttp()
    {
        string web = NewFolder("web");
        DebianInstaller.LinkInto(web);
        string content = WriteRandom(web, (4 << 20) + 1);
        string tftp = NewFolder("tftp", ("autoexec.ipxe", $"""
            #!ipxe
            dhcp || goto failed
            imgfetch --name content http://{TapHost}/content.bin || goto failed
            echo fetched by ${"{net0/ip}"}
            shell
            imgfree content
            kernel http://{TapHost}/linux console=ttyS0,115200 {EmulatedLinux.NoTimerCheck} DEBIAN_FRONTEND=text || goto failed
            initrd http://{TapHost}/initrd.gz || goto failed
            boot || goto failed
            :failed
            echo script failed
            """ + "\n"));
        File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(tftp, "netboot.efi"));
        NetworkNamespace inside = await NewNetworkAsync();
        NginxServer server = Own(await NginxServer.StartAsync(web, "", TapHost, inside));
        Own(await DnsmasqServer.StartAsync(inside, "tap0", ["--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-boot=netboot.efi"], tftp));

        HyperVGuest guest = Own(new HyperVGuest(new TapNetwork("tap0"), 1024) { PollsWhileBusy = true });
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "vmbus.efi"));
        partition.AddDriver(Repository.Image(Architecture.X64, "netvsc.efi"));
        VirtualMachine machine = await StartAsync(guest, partition, inside);
        await machine.Serial.WaitForAsync("Start PXE over IPv4");
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync(@"fetched by 192\.0\.2\.\d+", TimeSpan.FromMinutes(2));
        Assert.True(await machine.HasInMemoryAsync(content));
        Assert.True(guest.Device.Rndis.IsInitialized);
        guest.Check();
        await machine.Serial.SendAsync("exit\r");
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromMinutes(3));
        Assert.Contains("GET /initrd.gz HTTP/1.1 200", server.AccessLog);

        // ExitBootServices has closed the channel, given back the memory, unloaded and reset the registers, in this order.
        guest.Check();
        Assert.Empty(guest.Host.Remains);
        Assert.Equal(VmbusMessage.Unload, guest.Host.Vmbus.LoggedTypes.Last());
        Assert.Equal(0, guest.Host.Vmbus.UnloadsWithOpenChannels);
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(2));
        Assert.Empty(guest.Host.Remains);
    }

    /// <summary>The boot option names the adapter as Microsoft's firmware would have saved it.</summary>
    [NamespaceFact]
    [Trait("Kind", "Lab")]
    public async Task Firmware_ByHttpBootOverNetvsc_StartsTheApp()
    {
        string web = NewFolder("web", ("autoexec.ipxe", "#!ipxe\necho script from the web server, net0 has ${net0/ip}\n"));
        NetworkNamespace inside = await NewNetworkAsync();
        await ServeHttpBootAsync(inside, web);
        HyperVGuest guest = Own(new HyperVGuest(new TapNetwork("tap0")));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "netboot-drivers.efi"));
        DevicePathBuilder path = MachinePath.VmbusChannel(NetvspDevice.NetworkType, NetvspDevice.FirstInstance).Mac(MacText.Numbered(0)).IPv4().Uri("");
        VirtualMachine machine = await StartAsync(guest, partition, inside, store => store.AddBoot("HTTP", path));
        await machine.Serial.WaitForAsync("Start HTTP Boot over IPv4");
        await machine.Serial.WaitForAsync(@"script from the web server, net0 has 192\.0\.2\.\d+");
        guest.Check();
    }

    /// <summary>Another program resets the registers and connects for itself, in the middle of a download; this goes on.</summary>
    [Theory]
    [InlineData("netboot.efi")]
    [InlineData("netboot-snponly.efi", "vmbus.efi", "netvsc.efi")]
    public async Task Takeover_WhileTheAppFetches_IsReclaimed_WithTheSameAddressAndNothingLost(string image, params string[] drivers)
    {
        string web = NewFolder("web");
        string content = WriteRandom(web, (4 << 20) + 1);
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork()));
        guest.Delivered = () => guest.Command = guest.Device.DeliveredCount > 1000 ? 1u : 0; // of about 2,900
        VirtualMachine machine = await StartAppAsync(guest, image, web, [.. drivers, "takeover.efi"]);
        await machine.Serial.WaitForAsync("takeover: connected, and has offers|takeover: failed|fetched by", TimeSpan.FromMinutes(2));
        Assert.Contains("takeover: connected", machine.Serial.Text);
        Assert.DoesNotContain("fetched by", machine.Serial.Text);
        await machine.Serial.WaitForAsync(@"fetched by 10\.0\.2\.15", TimeSpan.FromMinutes(2));
        Assert.True(await machine.HasInMemoryAsync(content));
        guest.Check();
        Assert.True(guest.Device.Channel!.IsOpen);

        // The bus: the proof that disconnecting works, and what it uses; the other; the bus again, which has no more to prove.
        Assert.Equal([VmbusVersion.Win8_1, VmbusVersion.V1, VmbusVersion.Win8_1, VmbusVersion.V1], guest.Host.Vmbus.Contacts);
        Assert.Equal(0, guest.Device.Channel.UnneededSignalCount);
    }

    /// <summary>A disk and a NIC on the same bus: GRUB and its configuration come from the one, the kernel by the other.</summary>
    [Fact]
    public async Task Grub_FromTheHostsDisk_StartsAKernelFromTheHostsNic()
    {
        string tftp = NewFolder("tftp");
        DebianInstaller.LinkInto(tftp);
        string grub = await BootPrograms.MakeGrubAsync(Directory, "configfile $cmdpath/grub.cfg\n", "part_gpt", "fat", "linux");
        string volume = Directory.Combine("efi.img");
        await FatVolume.MakeAsync(volume, new Dictionary<string, byte[]>
        {
            ["EFI/BOOT/BOOTX64.EFI"] = await File.ReadAllBytesAsync(grub),
            ["EFI/BOOT/grub.cfg"] = Encoding.ASCII.GetBytes($"echo configured from $cmdpath\nnet_bootp\nlinux (tftp,{UserNetwork.Host})/linux console=ttyS0,115200 {EmulatedLinux.NoTimerCheck}\nboot\n"),
        });
        byte[] content = GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "disk");
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork { TftpRoot = tftp }) { PollsWhileBusy = true });
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "vmbus.efi"));
        partition.AddDriver(Repository.Image(Architecture.X64, "netvsc.efi"));
        partition.AddDriver(Repository.Image(Architecture.X64, "storvsc.efi"));
        DevicePathBuilder path = MachinePath.VmbusChannel(StorvspDevice.ScsiType, StorvspDevice.FirstInstance).Scsi(0, 0);
        VirtualMachine machine = await StartAsync(guest, partition, null, store => store.AddBoot("disk", path), host =>
        {
            StorvspDevice controller = new(host);
            controller.Attach(0, new ScsiDisk(content));
            host.Vmbus.Add(controller);
        });
        await machine.Serial.WaitForAsync(@"configured from \(hd\d,gpt1\)");
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromMinutes(3));

        // Both have left, and then the bus.
        guest.Check();
        Assert.Empty(guest.Host.Remains);
        Assert.Equal(VmbusMessage.Unload, guest.Host.Vmbus.LoggedTypes.Last());
        Assert.Equal(0, guest.Host.Vmbus.UnloadsWithOpenChannels);
    }

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task Snp_OnNetvsc_FollowsTheSpecification(string architecture)
    {
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork(), architecture: Architecture.Named(architecture)));
        VirtualMachine machine = await StartAgentAsync(guest, "snp");
        await machine.Serial.WaitForAsync("agent: 1 SNPs");
        Assert.True(await ReadVerdictAsync(machine) > 50);
        Assert.Contains("tells its link", machine.Serial.Text);
        guest.Check();
    }

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task ExitBootServices_WhileNetvscReceives_SucceedsAtOnce_AndLeavesNothing(string architecture)
    {
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork(), architecture: Architecture.Named(architecture)));
        VirtualMachine machine = await StartAgentAsync(guest, "quiet");
        await machine.Serial.WaitForAsync("agent: 1 NICs receive, leaving boot services");
        await machine.WaitForExitAsync();
        Assert.DoesNotContain("FAILED", machine.Serial.Text);
        guest.Check();
        Assert.Empty(guest.Host.Remains);
    }

    /// <summary>AAVMF's tables name QEMU, and the processor has nothing that could be asked: not to be told is to be let alone.</summary>
    [Fact]
    public async Task MachineOfAArch64_WithoutHyperV_IsLeftAlone_AndTheDriverSaysWhy()
    {
        VirtualMachine machine = await StartAgentAsync(Architecture.Aa64, "vmbus", [], ["vmbus.efi", "netvsc.efi"]);
        await ReadVerdictAsync(machine);
        Assert.Contains("agent: 0 VMBus roots", machine.Serial.Text);
        Assert.Contains("agent: told VMBus is not driven: the firmware's tables do not name Hyper-V", machine.Serial.Text);
    }

    /// <summary>Firmware is called by HVC there, or, where it has the hypervisor's level itself, by SMC.</summary>
    [Theory]
    [InlineData("virt", "hvc")]
    [InlineData("virt,virtualization=on", "smc")]
    public async Task CallsOfAArch64_GiveAndKeepTheirRegisters(string board, string conduit)
    {
        SystemPartition partition = NewPartition(Architecture.Aa64);
        partition.Add(Repository.Image(Architecture.Aa64, "agent.efi"), "agent.efi");
        VirtualMachine machine = await StartAsync(new VirtualMachineOptions
        {
            Architecture = Architecture.Aa64,
            Machine = board,
            SystemPartition = partition.Root,
            Variables = store => store.AddBoot("agent", MachinePath.VirtualFatPartition().FilePath(@"\agent.efi"), $"conduit {conduit}"),
        });
        Assert.Equal(9, await ReadVerdictAsync(machine));
    }

    private async Task<VirtualMachine> StartAgentAsync(HyperVGuest guest, string task)
    {
        SystemPartition partition = NewPartition(guest.Architecture);
        partition.Add(Repository.Image(guest.Architecture, "agent.efi"), "agent.efi");
        partition.AddDriver(Repository.Image(guest.Architecture, "netboot-drivers.efi"));
        return await StartAsync(guest, partition, null, store => store.AddBoot("agent", MachinePath.VirtualFatPartition().FilePath(@"\agent.efi"), task));
    }

    /// <summary>An application on the disk, whose script fetches a file by HTTP and stays.</summary>
    private async Task<VirtualMachine> StartAppAsync(HyperVGuest guest, string image, string web, string[] drivers)
    {
        NginxServer server = await ServeAsync(web);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, image));
        foreach (string driver in drivers)
        {
            partition.AddDriver(Repository.Image(Architecture.X64, driver));
        }

        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp || goto failed
            imgfetch http://{UserNetwork.Host}:{server.Port}/content.bin || goto failed
            echo fetched by ${"{net0/ip}"}
            shell
            :failed
            echo script failed
            """ + "\n");
        return await StartAsync(guest, partition);
    }

    private async Task<VirtualMachine> StartAsync(
        HyperVGuest guest, SystemPartition partition, NetworkNamespace? inside = null, Action<VariableStore>? variables = null,
        Action<HyperVHost>? devices = null)
    {
        VirtualMachine machine = await StartAsync(new VirtualMachineOptions
        {
            Architecture = guest.Architecture,
            Machine = guest.Board,
            MemoryMiB = guest.MemoryMiB,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                variables?.Invoke(store);
            },
            Namespace = inside,
            More = guest.Arguments,
        });
        guest.Attach(machine, (host, _) => devices?.Invoke(host));
        return machine;
    }
}
