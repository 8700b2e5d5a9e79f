using System;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>A driver can come and go for ever: no memory is lost.</summary>
public sealed class CycleTests : FirmwareTest
{
    [Theory]
    [InlineData("e1000.efi", "e1000")]
    [InlineData("e1000.efi", "e1000e")]
    [InlineData("virtio-net.efi", "virtio-net-pci,disable-legacy=on")]
    [InlineData("virtio-net.efi", "virtio-net-pci,disable-modern=on")]
    public async Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory(string driver, string nic)
    {
        VirtualMachine machine = await StartAgentAsync(Architecture.X64, $"cycle {driver} 1000", [new Nic { Model = nic }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.Contains("agent: bound 1 controllers", machine.Serial.Text);
    }
}
