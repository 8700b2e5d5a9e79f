using System;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Tests of the frontend of a network interface, on our XenBus and a simulated Xen, against a backend that is strict, or worse.</summary>
public abstract unsafe class NetfrontTest : IDisposable
{
    private protected const int ReceiveSlots = 128;
    private protected const int TransmitSlots = 64;

    private protected static MacAddress Own => new(Convert.FromHexString("525400123456"));

    private readonly Footprint _footprint;

    protected NetfrontTest(NetbackKind kind)
    {
        Xen = new SimulatedXen(Simulated);
        Back = new SimulatedNetback(Xen, kind: kind);
        _footprint = new Footprint(Simulated);
        Bus = new DriverSet([new XenBusDriver()]);
        Assert.True(Bus.Install().IsSuccess);
        Simulated.Connect(Xen.Controller);
    }

    public void Dispose()
    {
        Device?.Dispose();
        if (!HasLeaked)
        {
            Assert.Equal(0, Xen.Grants.MappedPages);
            Assert.Empty(Xen.Channels.Open);
        }

        Assert.True(Bus.Uninstall().IsSuccess);
        if (!HasLeaked)
        {
            Assert.Empty(Xen.Grants.Granted);
            _footprint.ExpectUnchanged("The NIC");
        }

        Xen.Dispose();
        Simulated.Dispose();
    }

    private protected SimulatedFirmware Simulated { get; } = new();
    private protected SimulatedXen Xen { get; }
    private protected SimulatedNetback Back { get; }
    private protected DriverSet Bus { get; }

    /// <summary>The NIC that was made last; disposed with the test.</summary>
    private protected NetfrontNic? Device { get; set; }

    /// <summary>The backend keeps pages for good.</summary>
    private protected bool HasLeaked { get; set; }

    private protected NetfrontNic? Create(out EFI_STATUS status)
    {
        EFI_HANDLE handle = Assert.Single(Simulated.HandlesWith<NETBOOT_XENBUS_PROTOCOL>());
        XenBusDevice device = XenBusDevice.Create(Simulated.Get<NETBOOT_XENBUS_PROTOCOL>(handle))!;
        Device = NetfrontNic.Create(device, out status);
        Assert.Equal(status.IsError, Device is null);
        return Device;
    }

    private protected NetfrontNic Create() => Create(out _)!;

    private protected NetfrontNic Open()
    {
        NetfrontNic nic = Create();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, nic.Open(Own));
        return nic;
    }

    private protected static byte[] Frame(int size, int seed)
    {
        byte[] frame = new byte[size];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    private protected void Wait(int milliseconds) => Simulated.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private protected void ExpectAtRest()
    {
        Assert.Equal(SimulatedNetback.Initialising, Back.Nodes.FrontendState);
        Assert.Equal(SimulatedNetback.InitWait, Back.Nodes.BackendState);
        Assert.False(Back.IsConnected);
        Assert.Empty(Xen.Grants.Granted);
        Assert.Empty(Xen.Channels.Open);
        ExpectNoKeys(Back);
    }

    /// <summary>The frontend's directory is as the toolstack has made it.</summary>
    internal static void ExpectNoKeys(SimulatedNetback back) =>
        Assert.All(back.Nodes.FrontendNames, each => Assert.Contains(each, new[] { "backend", "backend-id", "mac", "mtu", "state" }));

    private protected void ExpectTraffic(NetfrontNic nic)
    {
        byte[] frame = Frame(300, 1);
        Assert.True(nic.IsLinkUp());
        Assert.True(Back.IsPlain);
        Assert.True(nic.TryTransmit(frame));
        Assert.Equal(frame, Back.Sent[^1]);
        Assert.True(Back.Receive(frame));
        Assert.Equal(frame, nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }
}
