using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

/// <summary>A tag that <see cref="FakeDriver"/> drives.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct FAKE_DEVICE_PROTOCOL : IProtocol
{
    public static EFI_GUID Guid => new(0xFA4E0001, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
}

/// <summary>A driver binding of a test, not of the product, whose members can be made to misbehave.</summary>
internal sealed unsafe class FakeDriver
{
    private readonly SimulatedFirmware _firmware;
    private readonly EFI_DRIVER_BINDING_PROTOCOL* _binding;

    public FakeDriver(SimulatedFirmware firmware, string name, List<string> log, uint version = 0x10)
    {
        _firmware = firmware;
        Name = name;
        Log = log;
        _binding = firmware.Allocate<EFI_DRIVER_BINDING_PROTOCOL>(this);
        _binding->Supported = &Supported;
        _binding->Start = &Start;
        _binding->Stop = &Stop;
        _binding->Version = version;
        _binding->ImageHandle = firmware.ImageHandle;
        Handle = firmware.Install(default, _binding);
        _binding->DriverBindingHandle = Handle;
    }

    public string Name { get; }
    public List<string> Log { get; }
    public EFI_HANDLE Handle { get; }
    public int ChildCount { get; set; }
    public List<EFI_HANDLE> Made { get; } = [];
    public EFI_STATUS StartResult { get; set; }
    public EFI_STATUS StopResult { get; set; }
    public bool LeavesOpenInSupported { get; set; }
    public bool LeaksInStart { get; set; }
    public bool LeavesOpenInStop { get; set; }

    private EFI_STATUS Open(EFI_HANDLE controller, EFI_HANDLE user, uint attributes)
    {
        EFI_GUID guid = FAKE_DEVICE_PROTOCOL.Guid;
        void* found;
        return _firmware.BootServices->OpenProtocol(controller, &guid, &found, Handle, user, attributes);
    }

    private void Close(EFI_HANDLE controller, EFI_HANDLE user)
    {
        EFI_GUID guid = FAKE_DEVICE_PROTOCOL.Guid;
        _firmware.BootServices->CloseProtocol(controller, &guid, Handle, user);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Supported(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        FakeDriver driver = ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<FakeDriver>(self);
        EFI_STATUS status = driver.Open(controller, controller, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER);
        if (status.IsSuccess && !driver.LeavesOpenInSupported)
        {
            driver.Close(controller, controller);
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        FakeDriver driver = ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<FakeDriver>(self);
        driver.Log.Add($"{driver.Name} starts");
        if (driver.LeaksInStart)
        {
            Pool.Allocate(1);
        }

        if (driver.StartResult.IsError)
        {
            return driver.StartResult;
        }

        driver.Open(controller, controller, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER);
        for (int i = 0; i < driver.ChildCount; i++)
        {
            EFI_HANDLE child = driver._firmware.CreateController(SimulatedPath.Pci((byte)i, 7));
            driver._firmware.Install(child, driver._firmware.Allocate<FAKE_DEVICE_PROTOCOL>());
            driver.Open(controller, child, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER);
            driver.Made.Add(child);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children)
    {
        FakeDriver driver = ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<FakeDriver>(self);
        driver.Log.Add($"{driver.Name} stops {(count == 0 ? "" : $"{count} of its children")}".TrimEnd());
        if (driver.StopResult.IsError)
        {
            return driver.StopResult;
        }

        foreach (EFI_HANDLE child in new ReadOnlySpan<EFI_HANDLE>(children, (int)count))
        {
            driver.Close(controller, child);
            driver._firmware.Uninstall<FAKE_DEVICE_PROTOCOL>(child);
            driver._firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(child);
            driver.Made.Remove(child);
        }

        if (count == 0 && !driver.LeavesOpenInStop)
        {
            driver.Close(controller, controller);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }
}
