using System;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>A driver can come and go for ever: no memory is lost.</summary>
public abstract class CycleTests : FirmwareTest
{
    protected async Task CycleAsync(string driver, string nic)
    {
        VirtualMachine machine = await StartAgentAsync(Architecture.X64, $"cycle {driver} 1000", [new GuestNic { Model = nic }], []);
        await ReadVerdictAsync(machine, TimeSpan.FromMinutes(4));
        Assert.Contains("agent: bound 1 controllers", machine.Serial.Text);
    }
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class E1000CycleTests : CycleTests
{
    [Theory]
    [InlineData("e1000")]
    [InlineData("e1000e")]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory(string nic) => CycleAsync("e1000.efi", nic);
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class Ne2kCycleTests : CycleTests
{
    [Fact]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory() => CycleAsync("ne2k.efi", "ne2k_pci");
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class VirtioCycleTests : CycleTests
{
    [Theory]
    [InlineData("virtio-net-pci,disable-legacy=on")]
    [InlineData("virtio-net-pci,disable-modern=on")]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory(string nic) => CycleAsync("virtio-net.efi", nic);
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class Rtl8139CycleTests : CycleTests
{
    [Fact]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory() => CycleAsync("rtl8139.efi", "rtl8139");
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class Vmxnet3CycleTests : CycleTests
{
    [Fact]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory() => CycleAsync("vmxnet3.efi", "vmxnet3");
}

/// <summary>See <see cref="CycleTests"/>.</summary>
public sealed class PcnetCycleTests : CycleTests
{
    [Fact]
    public Task Driver_After1000LoadsConnectsReconnectsAndUnloads_LeavesAllMemory() => CycleAsync("pcnet.efi", "pcnet");
}
