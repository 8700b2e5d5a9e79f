using System;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Watches and states of a device.</summary>
[Collection("Firmware")]
public sealed unsafe class XenDeviceWatchTests : XenDeviceTest
{
    [Fact]
    public void Watch_TellsOfChangesOnce_AndOfItsBeginning()
    {
        Assert.Equal(Success, Device.Watch(XenEnd.Backend, "state"u8, out uint watch));
        Assert.True(Device.HasChanged(watch));
        Assert.False(Device.HasChanged(watch));
        Nodes.BackendState = 4;
        Nodes.BackendState = 5;
        Assert.True(Device.HasChanged(watch));
        Assert.False(Device.HasChanged(watch));
        Nodes.WriteBackend("other", "1");
        Assert.False(Device.HasChanged(watch));
        Nodes.Remove();
        Assert.True(Device.HasChanged(watch));
        Device.Unwatch(watch);
        Assert.Equal([Fixture.OwnWatch], Store.GuestWatches);
        Assert.False(Device.HasChanged(watch));
    }

    [Fact]
    public void Watches_AreToldApart_AndFromThoseOfEarlierUsers()
    {
        Assert.Equal(Success, Device.Watch(XenEnd.Frontend, default, out uint all));
        Assert.Equal(Success, Device.Watch(XenEnd.Frontend, "a"u8, out uint one));
        Assert.True(Device.HasChanged(all));
        Assert.True(Device.HasChanged(one));
        Assert.Equal(Success, Write("b", "1"));
        Assert.False(Device.HasChanged(one));
        Assert.True(Device.HasChanged(all));
        string[] foreign =
            ["device/vif/0/a\0FFFF\0", "device/vif/0/a\01\0", "x\0", "", "x", "\0\0\0", "a\0\0", "a\099999999999999999999999\0"];
        foreach (string payload in foreign)
        {
            Store.Inject(SimulatedStore.Message(15, 0, 0, Encoding.ASCII.GetBytes(payload)));
        }

        Assert.False(Device.HasChanged(one));
        Assert.False(Device.HasChanged(all));
        Assert.Equal("2", Read(XenEnd.Backend, "state", out _));
    }

    [Fact]
    public void Watches_MoreThanThereIsRoomFor_AreRefused()
    {
        EFI_STATUS status = Success;
        int count = 0;
        for (; !status.IsError; count++)
        {
            status = Device.Watch(XenEnd.Frontend, "a"u8, out uint watch);
            Assert.Equal(status.IsError, watch == 0);
        }

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.InRange(count, 8, 100);
        Assert.Equal(count, Store.GuestWatches.Count); // The bus has one.
    }

    [Fact]
    public void Watch_ThatTheStoreRefuses_IsNone()
    {
        Store.Fail = request => request.Type == SimulatedStore.WatchNode ? "ENOSPC" : null;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Device.Watch(XenEnd.Frontend, "a"u8, out uint watch));
        Assert.False(Device.HasChanged(watch));
        Assert.Equal(InvalidParameter, Protocol->CheckWatch(Protocol, watch));
    }

    // States

    [Fact]
    public void States_AreReadAndWritten()
    {
        Assert.Equal(Success, Device.SetState(XenBusState.Connected));
        Assert.Equal(4u, Nodes.FrontendState);
        Assert.Equal(Success, Device.ReadState(XenEnd.Frontend, out XenBusState state));
        Assert.Equal(XenBusState.Connected, state);
        Assert.Equal(Success, Device.ReadState(XenEnd.Backend, out state));
        Assert.Equal(XenBusState.InitWait, state);
        Assert.Equal(InvalidParameter, Device.SetState(XenBusState.Unknown));
        Assert.Equal(InvalidParameter, Device.SetState((XenBusState)9));
        foreach (string bad in new[] { "9", "x", "", "4294967298", "00000000000000000000000000000000000002" })
        {
            Nodes.WriteBackend("state", bad);
            Assert.Equal(Success, Device.ReadState(XenEnd.Backend, out state));
            Assert.Equal(XenBusState.Unknown, state);
        }
    }

    [Fact]
    public void Wait_EndsWhenTheBackendGetsThere_WithFewRequests()
    {
        Xen.After(TimeSpan.FromMilliseconds(700), () => Nodes.BackendState = 3);
        Xen.After(TimeSpan.FromMilliseconds(900), () => Nodes.BackendState = 4);
        TimeSpan before = Fixture.Simulated.Elapsed;
        Store.Requests.Clear();
        uint wanted = XenDevice.In(XenBusState.Connected) | XenDevice.In(XenBusState.Closed);
        Assert.Equal(Success, Device.WaitForBackend(wanted, 5_000_000, out XenBusState state));
        Assert.Equal(XenBusState.Connected, state);
        Assert.InRange((Fixture.Simulated.Elapsed - before).TotalMilliseconds, 900, 905);
        Assert.InRange(Store.Requests.Count, 4, 20);
        Assert.Equal([Fixture.OwnWatch], Store.GuestWatches);
    }

    [Fact]
    public void Wait_WithoutAWatch_AsksNowAndThen()
    {
        Store.Fail = request => request.Type == SimulatedStore.WatchNode ? "E2BIG" : null;
        Xen.After(TimeSpan.FromMilliseconds(300), () => Nodes.BackendState = 4);
        Assert.Equal(Success, Device.WaitForBackend(XenDevice.In(XenBusState.Connected), 5_000_000, out _));
        Store.Fail = null;
    }

    [Fact]
    public void Wait_InVain_EndsInTimeAndTellsWhereTheBackendIs()
    {
        TimeSpan before = Fixture.Simulated.Elapsed;
        EFI_STATUS status = Device.WaitForBackend(XenDevice.In(XenBusState.Connected), 250_000, out XenBusState state);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, status);
        Assert.Equal(XenBusState.InitWait, state);
        Assert.InRange((Fixture.Simulated.Elapsed - before).TotalMilliseconds, 250, 255);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, Device.WaitForBackend(XenDevice.In(XenBusState.Connected), 0, out _));
        Assert.Equal(Success, Device.WaitForBackend(XenDevice.In(XenBusState.InitWait), 0, out _));
    }

    [Fact]
    public void Wait_ForABackendThatGoesAway_EndsAtOnce()
    {
        Xen.After(TimeSpan.FromMilliseconds(10), Nodes.Remove);
        EFI_STATUS status = Device.WaitForBackend(XenDevice.In(XenBusState.Connected), 5_000_000, out XenBusState state);
        Assert.True(status == EFI_STATUS.EFI_NOT_FOUND || status == EFI_STATUS.EFI_ACCESS_DENIED);
        Assert.Equal(XenBusState.Unknown, state);
        Assert.InRange(Fixture.Simulated.Elapsed.TotalMilliseconds, 10, 100);
    }
}
