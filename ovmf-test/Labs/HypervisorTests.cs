using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest.Labs;

/// <summary>The labs themselves, with nothing of ours on trial: when these fail, look at the lab first.</summary>
[Collection("NestedLab")]
[Trait("Kind", "Lab")]
public sealed class HypervisorTests(NestedLabFixture fixture) : FirmwareTest
{
    [Fact]
    public Task Agent_UnderHyperV_FindsItsSignature() => CheckAsync("hyperv", "kvm", Hypervisors.HyperVCpu, Hypervisors.VmbusWithBalloon);

    [Fact]
    public Task Agent_UnderXen_FindsItsSignatureAndPlatformDevice() => CheckAsync("xen", Hypervisors.XenAccelerator, "host", []);

    private Task CheckAsync(string task, string accelerator, string cpu, string[] more) => fixture.Lab.RunAsync(
        () =>
        {
            SystemPartition partition = NewPartition(Architecture.X64);
            partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
            return new VirtualMachineOptions
            {
                Architecture = fixture.Lab.Root.Firmware,
                Accelerator = accelerator,
                Cpu = cpu,
                MemoryMiB = 256,
                SystemPartition = partition.Root,
                Variables = store => store.AddBoot("agent", MachinePath.SystemPartition().FilePath(@"\agent.efi"), task),
                More = more,
            };
        },
        async machine =>
        {
            await machine.Serial.WaitForAsync($"agent: task {task}");
            await ReadVerdictAsync(machine.Serial);
        });
}
