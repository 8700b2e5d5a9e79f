using System;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Xen;

/// <summary>Tests of what a device on the bus can do: NETBOOT_XENBUS_PROTOCOL, through the class that drivers use.</summary>
public abstract unsafe class XenDeviceTest : IDisposable
{
    private protected static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private protected static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;

    protected XenDeviceTest()
    {
        Nodes = Fixture.Store.AddDevice("vif", 0);
        Device = Fixture.Open();
    }

    private protected XenFixture Fixture { get; } = new();
    private protected SimulatedDeviceNodes Nodes { get; }
    private protected XenDevice Device { get; }
    private protected SimulatedXen Xen => Fixture.Xen;
    private protected SimulatedStore Store => Fixture.Store;
    private protected NETBOOT_XENBUS_PROTOCOL* Protocol => Fixture.Protocol();

    public void Dispose() => Fixture.Dispose();

    private protected string Read(XenEnd end, string name, out EFI_STATUS status, uint transaction = 0)
    {
        byte[] value = new byte[4096];
        status = Device.Read(end, Encoding.ASCII.GetBytes(name), value, out int length, transaction);
        return Encoding.ASCII.GetString(value, 0, length);
    }

    private protected EFI_STATUS Write(string name, string value, uint transaction = 0) =>
        Device.Write(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value), transaction);
}
