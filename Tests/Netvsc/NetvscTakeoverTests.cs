using System;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscTakeoverTests() : NetvscTakeoverTests(HostKind.Windows);

public sealed class OpenVmmNetvscTakeoverTests() : NetvscTakeoverTests(HostKind.OpenVmm);

/// <summary>The host takes the device away, or another loader takes the host.</summary>
public abstract unsafe class NetvscTakeoverTests(HostKind host) : NetvscTest(host)
{
    [Fact]
    public void Rescind_TakesTheInterfaceAway_AndNothingWaitsForIt()
    {
        NetvscMachine machine = Open();
        machine.Device.Deliver(Frame(1));
        machine.Host.Vmbus.Rescind(machine.Device);
        TimeSpan before = machine.Simulated.Elapsed;
        // Before the bus has removed it.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Transmit(Frame(2), out _));
        machine.Client.Interrupts();
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, machine.Client.Reset());
        Firmware.RestoreTpl(tpl);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(machine.Child.IsNull);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, 2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0x0003_0000u)]
    public void Takeover_IsSurvived_WithStateAndFilters(uint? contact)
    {
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        NetvscMachine machine = Open(null, Multicast, new MacAddress(group));
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        for (int round = 0; round < 5; round++)
        {
            machine.Device.Deliver(Frame(1), Frame(2)); // Of which one is not read before.
            machine.ExpectReceived(Frame(1));
            machine.Device.Faults.HoldsCompletions = true;
            Assert.True(machine.Client.Transmit(Frame(3), out nint buffer).IsSuccess);
            machine.Host.TakeOver((ulong)foreign.Address, contact);
            machine.Device.Faults.HoldsCompletions = false;
            Assert.Equal(buffer, machine.Client.Recycled());
            machine.Client.Interrupts();
            Assert.Equal(1, machine.Client.Mode.MediaPresent); // A link that goes down takes addresses with it.
            machine.Simulated.Advance(TimeSpan.FromSeconds(1));
            machine.Client.Interrupts();

            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, machine.Client.Mode.State);
            Assert.Equal(new MacAddress(Address), machine.Client.CurrentAddress);
            Assert.Equal(1, machine.Client.Mode.MediaPresent);
            Assert.Equal(9 | machine.GroupFilter, machine.Device.Rndis.Filter);
            Assert.Equal(HostKind == HostKind.Windows ? [group] : [], machine.Device.Rndis.Multicast);
            machine.ExpectNothing();
            machine.Device.Frames.Clear();
            for (int i = 0; i < 100; i++)
            {
                machine.ExpectSent(Frame(i));
                machine.Device.Deliver(Frame(i));
                machine.ExpectReceived(Frame(i));
            }

            machine.ExpectNothing();
            Assert.Equal(0, machine.Device.OutstandingCount);
        }
    }

    [Fact]
    public void Takeover_WhileTheNicIsClosed_IsNoticedWhenItOpens()
    {
        NetvscMachine machine = Make();
        machine.Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        Assert.True(machine.Client.Start().IsSuccess);
        Assert.True(machine.Client.Initialize().IsSuccess);
        Assert.True(machine.Client.ReceiveFilters(Unicast, 0).IsSuccess);
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }

    [Fact]
    public void Takeover_AfterWhichTheHostRefuses_LeavesANicWithoutLink_UntilItIsReset()
    {
        NetvscMachine machine = Open();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.ReceiveBufferStatus = 2;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        machine.Client.Interrupts();
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Transmit(Frame(1), out _));
        machine.ExpectNothing();
        machine.Device.Faults.ReceiveBufferStatus = 1;
        Assert.True(machine.Client.Reset().IsSuccess);
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }
}
