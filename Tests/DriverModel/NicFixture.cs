using System;
using System.Collections.Generic;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.DriverModel;

/// <summary>
/// A simulated firmware with one controller that the fake NIC driver knows, and a driver of it and a network stack installed, not
/// connected. Disposing checks that everything can be taken away and that nothing is left.
/// </summary>
internal sealed unsafe class NicFixture : IDisposable
{
    private readonly Footprint _footprint;
    private readonly List<EFI_HANDLE> _controllers = [];

    public NicFixture(bool withStack = false)
    {
        _footprint = new Footprint(Simulated);
        Controller = AddController(model: 1);
        Drivers = new DriverSet(withStack ? [Driver, Stack] : [Driver]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Install());
    }

    public FakeNicDriver Driver { get; } = new();
    public FakeStackDriver Stack { get; } = new();
    public DriverSet Drivers { get; }
    public EFI_HANDLE Controller { get; }
    public SimulatedFirmware Simulated { get; } = new();
    public FakeNic Nic => Driver.Nic!;

    public EFI_DRIVER_BINDING_PROTOCOL* Binding => Firmware.Get<EFI_DRIVER_BINDING_PROTOCOL>(Driver.Handle);

    /// <summary>The handle with the SNP, or null.</summary>
    public EFI_HANDLE Child
    {
        get
        {
            using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
            return handles.Count == 0 ? default : handles[0];
        }
    }

    public EFI_SIMPLE_NETWORK_PROTOCOL* Snp => Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Child);

    public EFI_HANDLE AddController(uint model)
    {
        FAKE_NIC_PROTOCOL* protocol = Simulated.Allocate<FAKE_NIC_PROTOCOL>();
        protocol->Model = model;
        byte device = (byte)_controllers.Count;
        EFI_HANDLE handle = Simulated.CreateController([0x01, 0x01, 6, 0, 0, device, 0x7F, 0xFF, 4, 0]); // Pci(device,0)
        _controllers.Add(Simulated.Install(handle, protocol));
        return handle;
    }

    public EFI_STATUS Supported(EFI_DEVICE_PATH_PROTOCOL* remaining = null) => Binding->Supported(Binding, Controller, remaining);

    public EFI_STATUS Start(EFI_DEVICE_PATH_PROTOCOL* remaining = null) => Binding->Start(Binding, Controller, remaining);

    public EFI_STATUS Stop(params EFI_HANDLE[] children)
    {
        fixed (EFI_HANDLE* list = children)
        {
            return Binding->Stop(Binding, Controller, (nuint)children.Length, list);
        }
    }

    /// <summary>By firmware's ConnectController, recursively.</summary>
    public void Connect() => Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Connect(Controller, default, recursive: true));

    public int OpeningsOfController(uint attribute)
    {
        using PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY> openings = Firmware.Openings<FAKE_NIC_PROTOCOL>(Controller);
        int count = 0;
        foreach (EFI_OPEN_PROTOCOL_INFORMATION_ENTRY each in openings.Span)
        {
            count += (each.Attributes & attribute) != 0 ? 1 : 0;
        }

        return count;
    }

    public void Dispose()
    {
        Stack.HoldsOn = false;
        if (!Simulated.HasExitedBootServices)
        {
            Firmware.Initialize(Simulated.ImageHandle, Simulated.SystemTable); // Where the event was only signalled, all goes on.
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Uninstall());
            foreach (EFI_HANDLE controller in _controllers)
            {
                Simulated.Uninstall<FAKE_NIC_PROTOCOL>(controller);
                Simulated.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(controller);
            }

            _footprint.ExpectUnchanged("The driver");
        }

        Simulated.Dispose();
    }
}
