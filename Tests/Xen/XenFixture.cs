using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>
/// A simulated firmware in a simulated Xen guest, with XenBus installed, not connected. Disposing checks that everything can be taken away
/// and that neither firmware nor Xen has anything left of it.
/// </summary>
internal sealed unsafe class XenFixture : IDisposable
{
    private readonly Footprint _footprint;

    /// <param name="others">More drivers, which come after XenBus.</param>
    public XenFixture(params Driver[] others)
    {
        Xen = new SimulatedXen(Simulated);
        _footprint = new Footprint(Simulated);
        Drivers = new DriverSet([Driver, .. others]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Install());
    }

    public SimulatedFirmware Simulated { get; } = new();
    public SimulatedXen Xen { get; }
    public SimulatedStore Store => Xen.Store;
    public XenBusDriver Driver { get; } = new();
    public DriverSet Drivers { get; }

    /// <summary>Grants that a backend keeps, when the fixture is disposed.</summary>
    public int KeptGrants { get; set; }

    /// <summary>Whether Xen or its store were broken, so that not all could be put back.</summary>
    public bool IsBroken { get; set; }

    /// <summary>What the bus watches itself.</summary>
    public string OwnWatch => $"{Store.Home}/device";

    /// <summary>The handles of the devices on the bus.</summary>
    public IReadOnlyList<EFI_HANDLE> Children => Simulated.HandlesWith<NETBOOT_XENBUS_PROTOCOL>();

    public EFI_STATUS Connect(byte[]? remaining = null) => Simulated.Connect(Xen.Controller, remaining, recursive: true);

    /// <summary>What EFI_DRIVER_DIAGNOSTICS2_PROTOCOL says of the controller.</summary>
    public string Diagnose(out EFI_STATUS status, EFI_HANDLE child = default)
    {
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL* diagnostics = Simulated.Get<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL>(Driver.Handle);
        EFI_GUID* type = null;
        nuint size = 0;
        char* text = null;
        fixed (byte* language = "en\0"u8)
        {
            status = diagnostics->RunDiagnostics(
                diagnostics, Xen.Controller, child, EFI_DRIVER_DIAGNOSTIC_TYPE.EfiDriverDiagnosticTypeStandard, language, &type, &size,
                &text);
        }

        string result = new(text);
        Pool.Free(text);
        Pool.Free(type);
        return result;
    }

    public EFI_STATUS Disconnect() => Simulated.Disconnect(Xen.Controller);

    public NETBOOT_XENBUS_PROTOCOL* Protocol(string type = "vif", uint index = 0)
    {
        foreach (EFI_HANDLE handle in Children)
        {
            NETBOOT_XENBUS_PROTOCOL* protocol = Simulated.Get<NETBOOT_XENBUS_PROTOCOL>(handle);
            if (new string((sbyte*)protocol->Type) == type && protocol->Index == index)
            {
                return protocol;
            }
        }

        return null;
    }

    /// <summary>The handle of a device.</summary>
    public EFI_HANDLE Child(string type = "vif", uint index = 0)
    {
        NETBOOT_XENBUS_PROTOCOL* protocol = Protocol(type, index);
        return Children.Single(each => Simulated.Get<NETBOOT_XENBUS_PROTOCOL>(each) == protocol);
    }

    /// <summary>Connects, and gives a device as its driver would see it.</summary>
    public XenDevice Open(string type = "vif", uint index = 0)
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Connect());
        return XenBusDevice.Create(Protocol(type, index))!;
    }

    public void* AllocatePage()
    {
        ulong address = 0;
        Assert.True(Firmware.BootServices->AllocatePages(
            EFI_ALLOCATE_TYPE.AllocateAnyPages, EFI_MEMORY_TYPE.EfiBootServicesData, 1, &address).IsSuccess);
        return (void*)address;
    }

    public void FreePage(void* page) => Firmware.BootServices->FreePages((ulong)page, 1);

    /// <summary>Asserts that nothing of the guest's is left in Xen.</summary>
    public void AssertXenIsAsFound()
    {
        Xen.Verify();
        Assert.Empty(Xen.Channels.Open);
        Assert.Equal(KeptGrants, Xen.Grants.Granted.Count);
        if (IsBroken)
        {
            return;
        }

        Assert.Empty(Store.GuestWatches);
        Assert.Equal(0, Store.OpenTransactions);
        Assert.True(Store.IsQuiet, "The store's rings are not between two messages.");
        Assert.False(Xen.Channels.IsPending(Xen.StoreChannel));
        Assert.False(Xen.Channels.IsMasked(Xen.StoreChannel));
        Assert.False(Xen.Channels.WouldInterrupt);
        if (Xen.CanRemoveFromPhysmap)
        {
            Assert.True(Xen.SharedInfo == null);
            Assert.Equal(0, Xen.Grants.MappedFrames);
        }
    }

    public void Dispose()
    {
        if (!Simulated.HasExitedBootServices)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Uninstall());
            _footprint.ExpectUnchanged("XenBus");
        }

        AssertXenIsAsFound();
        Xen.Dispose();
        Simulated.Dispose();
    }
}
