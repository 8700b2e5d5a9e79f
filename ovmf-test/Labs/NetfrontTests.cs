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
public sealed class NetfrontTests(NestedLabFixture fixture) : NestedLabTest
{
    private static readonly string[] s_bothDrivers = ["xenbus.efi", "netfront.efi"];

    /// <summary>
    /// The script of netboot.efi fetches Linux and an initrd with 16 MiB of noise over HTTP; Linux holds the noise against its checksum, brings
    /// up its own driver and fetches the same over that.
    /// </summary>
    [Fact]
    public Task Netfront_StopsAndStartsAgain_BootsTheAppByPxe_AndLinuxByIt()
    {
        byte[] noise = new byte[16 << 20];
        new Random(11).NextBytes(noise);
        string web = NewFolder("web");
        WriteLinux(web, noise);
        string sum = Convert.ToHexStringLower(MD5.HashData(noise));
        return BootAsync(
            s_bothDrivers, "then netfront 30", Plain,
            $"""
            kernel {NestedLab.Uri(Path.Combine(web, "linux.efi"))} {InnerLinux.Arguments} || goto failed
            initrd {NestedLab.Uri(Path.Combine(web, "linux.cpio"))} || goto failed
            boot
            """,
            async machine =>
            {
                await machine.Serial.WaitForAsync($"linux: data {sum}|script failed");
                await machine.Serial.WaitForAsync("linux: eth0 vif 52:54:00:12:34:56");
                await machine.Serial.WaitForAsync(@"linux: address 10\.0\.2\.\d+");
                await machine.Serial.WaitForAsync($"linux: noise {sum}");
                await machine.Serial.WaitForAsync("linux: done");
            });
    }

    [Fact]
    public Task Netfront_BesideItsTwinWithAnOptionRom_IsTheOnlyNic() => BootBesideTwinAsync(s_bothDrivers, "");

    [Fact]
    public Task Netfront_BesideItsTwinWithOurDriver_IsTheOnlyNic() => BootBesideTwinAsync(["netboot-drivers.efi"], ",romfile=");

    private Task BootBesideTwinAsync(string[] drivers, string options) => BootAsync(
        drivers, "then netfront 3", Twin(options), "echo this is all\nshell",
        async machine =>
        {
            await machine.Serial.WaitForAsync("this is all|script failed");
            Assert.DoesNotContain("net1:", machine.Serial.Text);
        });

    private static string[] Plain(string network) =>
        ["-netdev", $"{network},id=net0", "-device", $"xen-net-device,netdev=net0,mac={MacText.Numbered(0)}"];

    /// <summary>An emulated NIC with the same address on the same wire: what a Xen host's firmware shows of each NIC.</summary>
    /// <param name="options">More of QEMU's properties of it.</param>
    private static Func<string, string[]> Twin(string options) => network =>
    [
        "-netdev", $"{network},id=net0", "-netdev", "hubport,id=port0,hubid=0,netdev=net0", "-netdev", "hubport,id=port1,hubid=0", "-netdev", "hubport,id=port2,hubid=0",
        "-device", $"{CardCatalogue.Get(CardRole.Undriven).Device}{options},netdev=port1,mac={MacText.Numbered(0)}", "-device", $"xen-net-device,netdev=port2,mac={MacText.Numbered(0)}",
    ];

    /// <summary>The agent's task; then the firmware's PXE starts netboot.efi, which has an address and runs the rest of its script.</summary>
    private Task BootAsync(string[] drivers, string task, Func<string, string[]> devices, string script, Func<NestedMachine, Task> steps) => fixture.Lab.RunAsync(
        () =>
        {
            SystemPartition partition = NewPartition(Architecture.X64);
            foreach (string driver in drivers)
            {
                partition.AddDriver(Repository.Image(Architecture.X64, driver));
            }

            partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
            string tftp = NewFolder("tftp", ("autoexec.ipxe", $"#!ipxe\nifstat\ndhcp || goto failed\n{script}\n:failed\necho script failed\n"));
            File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(tftp, "netboot.efi"), overwrite: true);
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
                    store.AddBoot("lab", MachinePath.SystemPartition().FilePath(@"\agent.efi"), "then xen");
                    store.AddBoot("agent", MachinePath.SystemPartition().FilePath(@"\agent.efi"), task);

                    // By itself the firmware would try PXE and HTTP over IPv6 before, for minutes.
                    store.AddBoot("network", MachinePath.XenBusNic().Mac(MacText.Numbered(0)).IPv4());
                },
                More = devices($"user,ipv6=off,tftp={tftp},bootfile=netboot.efi"),
            };
        },
        async machine =>
        {
            await CheckLabAsync(machine, "xen");
            await machine.Serial.WaitForAsync("agent: task netfront");
            await ReadVerdictAsync(machine.Serial);
            await machine.Serial.WaitForAsync("Start PXE over IPv4");
            await machine.Serial.WaitForAsync("NBP file downloaded successfully");
            await machine.Serial.WaitForAsync("net0: 52:54:00:12:34:56 Xen");
            await steps(machine);
            Assert.DoesNotContain("script failed", machine.Serial.Text);
        });

    /// <summary>Writes a Linux with the noise inside, and the noise.</summary>
    private void WriteLinux(string web, byte[] noise)
    {
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
            """, noise, "xen_netfront");
    }
}
