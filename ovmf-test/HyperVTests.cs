using System;
using System.IO;
using System.Threading.Tasks;
using Boot.Tool;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using OvmfTest.HyperV;
using Tests.HyperV;
using Xunit;

namespace OvmfTest;

/// <summary>VMBus and netvsc in firmware, on the Hyper-V host model of the unit tests, which serves the machine from outside.</summary>
public sealed class HyperVTests : FirmwareTest
{
    [Fact]
    public async Task HostModel_ServesAnImageThatKnowsNothingOfIt()
    {
        HyperVGuest guest = Own(new HyperVGuest(new UserNetwork()) { Command = 1 });
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "takeover.efi"));
        VirtualMachine machine = await StartAsync(guest, partition);
        await machine.Serial.WaitForAsync("takeover: connected, and has offers");
        guest.Check();
        Assert.Equal([VmbusVersion.Win8_1], guest.Host.Vmbus.Contacts);
    }

    private async Task<VirtualMachine> StartAsync(HyperVGuest guest, SystemPartition partition, Action<VariableStore>? variables = null, int memoryMiB = 512)
    {
        VirtualMachine machine = await StartAsync(new VirtualMachineOptions
        {
            Machine = guest.Board,
            MemoryMiB = memoryMiB,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                variables?.Invoke(store);
            },
            More = guest.Arguments,
        });
        guest.Attach(machine);
        return machine;
    }
}
