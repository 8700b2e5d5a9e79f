using System;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest.Labs;

/// <summary>xenbus.efi and netfront.efi under Xen's interface as KVM has it, with QEMU's xenstore and network back end.</summary>
[Collection("NestedLab")]
[Trait("Kind", "Lab")]
public sealed class NetfrontTests(NestedLabFixture fixture) : FirmwareTest
{
    private static readonly string[] s_bothDrivers = ["xenbus.efi", "netfront.efi"];

    [Fact]
    public Task Netfront_StopsAndStartsAgain_BootsTheAppByPxe_AndLinuxByIt() => BootAsync(s_bothDrivers, "then netfront 30", Plain);

    [Fact]
    public Task Netfront_BesideItsTwinWithAnOptionRom_IsTheOnlyNic() => BootAsync(s_bothDrivers, "then netfront 3", Twin(""));

    [Fact]
    public Task Netfront_BesideItsTwinWithOurDriver_IsTheOnlyNic() => BootAsync(["netboot-drivers.efi"], "then netfront 3", Twin(",romfile="));

    private static string[] Plain(string network) =>
        ["-netdev", $"{network},id=net0", "-device", $"xen-net-device,netdev=net0,mac={MacText.Numbered(0)}"];

    /// <summary>An emulated NIC with the same address on the same wire: what a Xen host's firmware shows of each NIC.</summary>
    /// <param name="options">More of QEMU's properties of it.</param>
    private static Func<string, string[]> Twin(string options) => network =>
    [
        "-netdev", $"{network},id=net0", "-netdev", "hubport,id=port0,hubid=0,netdev=net0", "-netdev", "hubport,id=port1,hubid=0", "-netdev", "hubport,id=port2,hubid=0",
        "-device", $"{CardCatalogue.Get(CardRole.Undriven).Device}{options},netdev=port1,mac={MacText.Numbered(0)}", "-device", $"xen-net-device,netdev=port2,mac={MacText.Numbered(0)}",
    ];

    /// <summary>
    /// The agent's task; then the firmware's PXE starts netboot.efi, whose script fetches Linux and an initrd with 16 MiB of noise over HTTP; Linux
    /// holds the noise against its checksum, brings up its own driver and fetches the same over that.
    /// </summary>
    private Task BootAsync(string[] drivers, string task, Func<string, string[]> devices)
    {
        byte[] noise = new byte[16 << 20];
        new Random(11).NextBytes(noise);
        return fixture.Lab.RunAsync(
            () =>
            {
                SystemPartition partition = NewPartition(Architecture.X64);
                foreach (string driver in drivers)
                {
                    partition.AddDriver(Repository.Image(Architecture.X64, driver));
                }

                partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
                string tftp = ServeBoot(ServeLinux(noise));
                return new VirtualMachineOptions
                {
                    Architecture = fixture.Lab.Root.Firmware,
                    Accelerator = Hypervisors.XenAccelerator,
                    MemoryMiB = 512,
                    RandomDevice = true,
                    SystemPartition = partition.Root,
                    Variables = store =>
                    {
                        partition.WriteVariables(store);
                        store.AddBoot("agent", MachinePath.SystemPartition().FilePath(@"\agent.efi"), task);
                    },
                    More = devices($"user,ipv6=off,tftp={tftp},bootfile=netboot.efi"),
                };
            },
            machine => WatchAsync(machine, Convert.ToHexStringLower(MD5.HashData(noise))));
    }

    /// <summary>Makes the folder of the web server: a Linux with the noise inside, and the noise.</summary>
    private string ServeLinux(byte[] noise)
    {
        string web = NewFolder("web");
        File.WriteAllBytes(Path.Combine(web, "noise"), noise);
        InnerLinux.Write(fixture.Lab.Root, web, $$"""
            echo "linux: data $(md5sum < /data)"
            for each in /sys/class/net/eth*; do echo "linux: ${each##*/} $(basename $(readlink $each/device/driver)) $(cat $each/address)"; done
            ip link set eth0 up
            echo '[ "$1" = bound ] && ip address add $ip/24 dev eth0 && echo "linux: address $ip"' > /lease
            chmod +x /lease
            sed -i '1i #!/bin/sh' /lease
            udhcpc -i eth0 -n -q -s /lease
            wget -q -O /tmp/noise {{NestedLab.Uri(Path.Combine(web, "noise"))}} && echo "linux: noise $(md5sum < /tmp/noise)"
            """, noise, "xen_netfront", CardCatalogue.Get(CardRole.Undriven).Device); // Linux's module has QEMU's name
        return web;
    }

    /// <summary>Makes the folder of the TFTP server: netboot.efi, and its script.</summary>
    private string ServeBoot(string web)
    {
        string tftp = NewFolder("tftp", ("autoexec.ipxe", $"""
            #!ipxe
            ifstat
            dhcp || goto failed
            kernel {NestedLab.Uri(Path.Combine(web, "linux.efi"))} {InnerLinux.Arguments} || goto failed
            initrd {NestedLab.Uri(Path.Combine(web, "linux.cpio"))} || goto failed
            echo everything is fetched
            boot
            :failed
            echo script failed
            """ + "\n"));
        File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(tftp, "netboot.efi"), overwrite: true);
        return tftp;
    }

    /// <param name="sum">The checksum of the noise.</param>
    private static async Task WatchAsync(NestedMachine machine, string sum)
    {
        await machine.Serial.WaitForAsync("agent: task netfront");
        await ReadVerdictAsync(machine.Serial);
        await machine.Serial.WaitForAsync("Start PXE over IPv4");
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync("net0: 52:54:00:12:34:56 Xen");
        await machine.Serial.WaitForAsync("everything is fetched|script failed");
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.DoesNotContain("net1:", machine.Serial.Text);
        await machine.Serial.WaitForAsync($"linux: data {sum}");
        await machine.Serial.WaitForAsync("linux: eth0 vif 52:54:00:12:34:56");
        await machine.Serial.WaitForAsync(@"linux: address 10\.0\.2\.\d+");
        await machine.Serial.WaitForAsync($"linux: noise {sum}");
        await machine.Serial.WaitForAsync("linux: done");
        Assert.DoesNotContain("linux: eth1", machine.Serial.Text);
    }
}
