using System;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest.Labs;

/// <summary>vmbus.efi under a VMBus host that others wrote: KVM's hypercalls and SynIC, QEMU's bus and its dynamic memory device.</summary>
[Collection("NestedLab")]
[Trait("Kind", "Lab")]
public sealed class VmbusTests(NestedLabFixture fixture) : NestedLabTest
{
    private const string Unload = "vmbus_process_incoming_message type 16";

    [Fact]
    public Task Client_TalksToTheBalloon_AndLinuxFindsTheBusAsIfNew() => fixture.Lab.RunAsync(
        () =>
        {
            SystemPartition partition = NewPartition(Architecture.X64);
            partition.AddDriver(Repository.Image(Architecture.X64, "vmbus.efi"));
            partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
            InnerLinux.Write(fixture.Lab.Root, partition.Root, """
                for i in $(seq 100); do [ -e /sys/bus/vmbus/devices/*/driver ] && break; usleep 100000; done
                dmesg | grep -E 'hv_|[Vv]mbus|Hyper-V'
                echo "linux: driver $(basename $(readlink /sys/bus/vmbus/devices/*/driver))"
                """, [], "hv_balloon");
            return new VirtualMachineOptions
            {
                Architecture = fixture.Lab.Root.Firmware,
                Accelerator = "kvm",
                Cpu = Hypervisors.HyperVCpu,
                MemoryMiB = 256,
                SystemPartition = partition.Root,
                Variables = store =>
                {
                    partition.WriteVariables(store);
                    store.AddBoot("lab", MachinePath.SystemPartition().FilePath(@"\agent.efi"), "then hyperv");
                    store.AddBoot("agent", MachinePath.SystemPartition().FilePath(@"\agent.efi"), "then balloon");
                    InnerLinux.AddBoot(store);
                },
                More = Hypervisors.VmbusWithBalloon,
                Trace = ["vmbus_*", "hv_balloon_*"],
            };
        },
        async machine =>
        {
            await CheckLabAsync(machine, "hyperv");
            await machine.Serial.WaitForAsync("agent: 1 VMBus channels");
            Assert.True(await ReadVerdictAsync(machine.Serial) > 20);
            int untilHandover = machine.Trace().Length;
            await machine.Serial.WaitForAsync("hv_vmbus: Vmbus version:4.0");
            string firmware = machine.Trace()[..machine.Trace().IndexOf("version 4.1", StringComparison.Ordinal)]; // Linux begins with it
            await machine.Serial.WaitForAsync("linux: driver hv_balloon");
            await machine.Serial.WaitForAsync("linux: done");
            Assert.Empty(Regex.Matches(machine.Serial.Text, "(?i)(hv_|vmbus).*(error|fail|timeout|unable).*").Select(line => line.Value));

            // Accepted: 3.0 or newer; then the oldest that this host takes. All that was shown is taken back, and the bus left.
            string[] versions = [.. Regex.Matches(firmware, @"vmbus_initiate_contact version (\d+\.\d+)").Select(match => match.Groups[1].Value)];
            Assert.Equal(["3.0", "0.13"], versions);
            Assert.Equal(Regex.Count(firmware, "vmbus_gpadl_created"), Regex.Count(firmware, "vmbus_gpadl_torndown"));
            Assert.Contains(Unload, firmware[untilHandover..]);
        });
}
