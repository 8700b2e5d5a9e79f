using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscLeavingTests() : NetvscLeavingTests(HostKind.Windows);

public sealed class OpenVmmNetvscLeavingTests() : NetvscLeavingTests(HostKind.OpenVmm);

/// <summary>Stopping, and the end of boot services: nothing is waited for that a host does not give, and nothing freed that it may write.</summary>
public abstract unsafe class NetvscLeavingTests(HostKind host) : NetvscTest(host)
{
    [Theory]
    [InlineData(VmbusKind.Ours, true)]
    [InlineData(VmbusKind.Ours, false)]
    [InlineData(VmbusKind.Microsoft, true)]
    [InlineData(VmbusKind.Microsoft, false)]
    [InlineData(VmbusKind.MicrosoftLegacy, false)]
    public void EightNics_LeaveInUnderHalfASecond(VmbusKind kind, bool atExitBootServices)
    {
        NetvscMachine machine = Make(kind, count: 8);
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ConnectMore();
        IReadOnlyList<EFI_HANDLE> children = machine.Simulated.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>();
        Assert.Equal(8, children.Count);
        foreach (EFI_HANDLE child in children)
        {
            using SnpClient client = new(machine.Simulated.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child));
            Assert.True(client.Start().IsSuccess);
            Assert.True(client.Initialize().IsSuccess);
            Assert.True(client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
        }

        foreach (NetvspDevice device in machine.Devices)
        {
            device.Deliver(Frame(1, 60, device.Address), Frame(2, 60, device.Address));
        }

        HostChannel[] channels = [.. machine.Host.Vmbus.Channels];
        TimeSpan before = machine.Simulated.Elapsed;
        if (atExitBootServices)
        {
            Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        }
        else
        {
            machine.Uninstall();
            machine.Install();
        }

        Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 500);
        Assert.All(channels, each => Assert.False(each.IsOpen));
        Assert.All(machine.Devices, each => Assert.DoesNotContain(NvspMessage.RevokeReceiveBuffer, each.Log));
    }

    [Theory]
    [InlineData(VmbusMessage.GpadlTorndown)]
    [InlineData(VmbusMessage.UnloadComplete)]
    public void Stop_OfAHostThatDoesNotSayThatItIsDone_LeavesItsMemoryAllocated(VmbusMessage missing)
    {
        NetvscMachine machine = Make();
        ulong before = machine.Simulated.AllocatedPages;
        machine.Open();
        ulong shown = (ulong)machine.Host.Vmbus.Gpadls.Sum(each => each.PageCount);
        ulong held = machine.Simulated.AllocatedPages - before;
        bool isContacted = false;
        machine.Host.Vmbus.Tamper = (type, message) =>
        {
            isContacted |= type == VmbusMessage.VersionResponse;
            return type == missing && !isContacted ? null : message;
        };
        machine.ExpectsFootprint = false;
        Assert.True(machine.Simulated.Disconnect(machine.Controller).IsSuccess);
        ulong kept = machine.Simulated.AllocatedPages - before;
        if (missing == VmbusMessage.GpadlTorndown)
        {
            Assert.InRange(kept, shown, held - 6); // Of the bus, one page of code and five that it has shown itself.
        }
        else
        {
            Assert.Equal(5ul, kept);
        }

        machine.Host.Vmbus.Tamper = null;
        machine.Open(); // With memory of its own.
        machine.ExpectSent(Frame(1));
    }

    [Fact]
    public void Stop_WhileAnotherLoaderHasTheHost_LeavesTheMemoryThatItMayHaveAllocated()
    {
        NetvscMachine machine = Make();
        using NetBoot.Uefi.Interop.Pages foreign = NetBoot.Uefi.Interop.Pages.Allocate(4096)!;
        ulong before = machine.Simulated.AllocatedPages;
        machine.Open();
        ulong shown = (ulong)machine.Host.Vmbus.Gpadls.Sum(each => each.PageCount);
        ulong held = machine.Simulated.AllocatedPages - before;
        machine.Host.TakeOver((ulong)foreign.Address, contact: null); // It has not told the host yet.
        machine.ExpectsFootprint = false;
        machine.ExpectsNothingLeft = false;
        Assert.True(machine.Simulated.Disconnect(machine.Controller).IsSuccess);
        Assert.InRange(machine.Simulated.AllocatedPages - before, shown, held - 1);
        Assert.All(machine.Host.Vmbus.Gpadls.SelectMany(each => each.Pages), each => Assert.True(machine.Simulated.IsAllocated(each, 4096)));
        machine.Host.WriteMsr(Register.Simp, 0);
        machine.Host.WriteMsr(Register.GuestOsId, 0);
    }

    [Fact]
    public void Rescind_IsFollowedInTime_AndTheMemoryGivenBack()
    {
        NetvscMachine machine = Open();
        TimeSpan before = machine.Simulated.Elapsed;
        machine.Host.Vmbus.Rescind(machine.Device);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(machine.Child.IsNull);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 300);
        Assert.Empty(machine.Host.Vmbus.Gpadls);
    } // The footprint is compared when the drivers go.

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void ANicWhoseDeviceHasDied_ComesBack(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        for (int round = 0; round < 3; round++)
        {
            machine.Open();
            machine.ExpectSent(Frame(1));
            machine.Device.Faults.Unanswered.Add(RndisMessage.Set);
            machine.Client.ReceiveFilters(AllMulticast, 0); // From here on it is known as dead.
            machine.Device.Faults.Unanswered.Clear();
            TimeSpan before = machine.Simulated.Elapsed;
            bool isBack = machine.Client.Reset().IsSuccess;
            Assert.Equal(kind == VmbusKind.Ours, isBack); // The firmware's bus waits only below the TPL of this.
            if (!isBack)
            {
                Assert.True(machine.Client.Initialize().IsSuccess);
            }

            Assert.True(machine.Client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
            Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 100);
            machine.Device.Frames.Clear();
            machine.ExpectSent(Frame(2));
            machine.Device.Deliver(Frame(3));
            machine.ExpectReceived(Frame(3));
            Assert.True(machine.Client.Shutdown().IsSuccess);
            Assert.True(machine.Client.Stop().IsSuccess);
        }
    }

    [Theory]
    [InlineData(VmbusKind.Ours, 4)]
    [InlineData(VmbusKind.Microsoft, 0)]
    [InlineData(VmbusKind.MicrosoftLegacy, 0)]
    public void ANicWhoseDeviceStaysDead_CostsTheBusesTime_AndComesBackWhenItDoes(VmbusKind kind, int seconds)
    {
        NetvscMachine machine = Make(kind);
        machine.Open();
        machine.Device.Faults.Unanswered.Add(RndisMessage.Set);
        machine.Device.Faults.Unanswered.Add(RndisMessage.Initialize);
        machine.Client.ReceiveFilters(AllMulticast, 0);
        TimeSpan before = machine.Simulated.Elapsed;
        nuint tpl = NetBoot.Uefi.Interop.Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        Assert.True(machine.Client.Reset().IsError);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, seconds + 0.1);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, machine.Client.Transmit(Frame(1), out _));
        NetBoot.Uefi.Interop.Firmware.RestoreTpl(tpl);
        machine.Device.Faults.Unanswered.Clear();
        for (int i = 0; i < 3 && machine.Client.Initialize().IsError; i++)
        {
        }

        Assert.True(machine.Client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
        machine.Device.Frames.Clear();
        machine.ExpectSent(Frame(2));
    }
}
