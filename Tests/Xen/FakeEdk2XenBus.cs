using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.BusDrivers.Foreign.Edk2;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Xen;

/// <summary>
/// A device of edk2's XenBusDxe as its header and its driver have it: answers in pool memory, printf formats, grants and channels by
/// number, states that are read before they are written. After <see cref="Start"/> it is on a bus whose driver does what edk2's does.
/// </summary>
/// <remarks>
/// edk2, OvmfPkg/XenBusDxe/XenBusDxe.c: XenBusDxeDriverBindingStart, NotifyExitBoot (at TPL_CALLBACK it disconnects itself, with all children)
/// and XenBusDxeDriverBindingStop, which asserts that its children can be taken away, and frees them all the same. XenBus.c: XenBusAddDevice,
/// XenBusSetState. GrantTable.c: XenGrantTableEndAccess.
/// </remarks>
internal sealed unsafe class FakeEdk2XenBus
{
    private readonly SimulatedFirmware _firmware;
    private EFI_DRIVER_BINDING_PROTOCOL* _binding;
    private EFI_EVENT _exitEvent;
    private readonly Stack<uint> _freeGrants = new();
    private bool _isFreed;

    public FakeEdk2XenBus(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        Protocol = firmware.Allocate<XENBUS_PROTOCOL>(this);
        Protocol->XsRead = &XsRead;
        Protocol->XsBackendRead = &XsBackendRead;
        Protocol->XsPrintf = &XsPrintf;
        Protocol->XsRemove = &XsRemove;
        Protocol->XsTransactionStart = &XsTransactionStart;
        Protocol->XsTransactionEnd = &XsTransactionEnd;
        Protocol->SetState = &SetState;
        Protocol->GrantAccess = &GrantAccess;
        Protocol->GrantEndAccess = &GrantEndAccess;
        Protocol->EventChannelAllocate = &EventChannelAllocate;
        Protocol->EventChannelNotify = &EventChannelNotify;
        Protocol->EventChannelClose = &EventChannelClose;
        Protocol->WaitForWatch = &WaitForWatch;
        Protocol->Type = (byte*)firmware.AllocateBytes("vif\0"u8);
        Protocol->DeviceId = 3;
        Protocol->Node = (byte*)firmware.AllocateBytes("device/vif/3\0"u8);
        Protocol->Backend = (byte*)firmware.AllocateBytes("/local/domain/2/backend/vif/7/3\0"u8);
    }

    public XENBUS_PROTOCOL* Protocol { get; }

    /// <summary>The nodes, by their whole paths.</summary>
    public Dictionary<string, string> Nodes { get; } = new()
    {
        ["device/vif/3/backend-id"] = "2",
        ["device/vif/3/state"] = "1",
        ["/local/domain/2/backend/vif/7/3/state"] = "2",
    };

    /// <summary>A XENSTORE_STATUS that the next operations answer.</summary>
    public uint Failure { get; set; }

    public List<(uint Reference, ushort Domain, nuint Frame, bool ReadOnly)> Grants { get; } = [];
    public bool GrantsAreInUse { get; set; }
    public uint NextGrant { get; set; } = 8;
    public List<string> Calls { get; } = [];

    /// <summary>What edk2 would have asserted, or crashed of.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Whether the bus was stopped, which unmaps the grant table.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The bus's controller and, below it, the device's.</summary>
    public EFI_HANDLE Controller { get; private set; }

    /// <inheritdoc cref="Controller"/>
    public EFI_HANDLE Child { get; private set; }

    /// <summary>Starts the bus on a controller of its own, and gives the device a handle.</summary>
    public void Start()
    {
        byte[] path = SimulatedPath.Pci(4);
        Controller = _firmware.Install(_firmware.CreateController(path), _firmware.Allocate<FAKE_XENIO_PROTOCOL>());
        _binding = _firmware.Allocate<EFI_DRIVER_BINDING_PROTOCOL>(this);
        _binding->Supported = &Refuse;
        _binding->Start = &Refuse;
        _binding->Stop = &Stop;
        _binding->Version = 0x10;
        _binding->ImageHandle = _firmware.ImageHandle;
        _binding->DriverBindingHandle = _firmware.Install(default, _binding);
        Open<FAKE_XENIO_PROTOCOL>(Controller, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER);
        Open<EFI_DEVICE_PATH_PROTOCOL>(Controller, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER);
        Child = _firmware.CreateController([.. path[..^4], .. SimulatedPath.Of(SimulatedPath.Node(1, 4, new byte[22]))]);
        _firmware.Install(Child, Protocol);
        Open<FAKE_XENIO_PROTOCOL>(Child, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER);
        EFI_EVENT created;
        _firmware.BootServices->CreateEvent(EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, &NotifyExitBoot, _binding, &created);
        _exitEvent = created;
    }

    private void Open<T>(EFI_HANDLE user, uint attributes) where T : unmanaged, IProtocol
    {
        Firmware.Open<T>(Controller, _binding->DriverBindingHandle, user, attributes, out EFI_STATUS status);
        Check(status, "OpenProtocol");
    }

    private void Close<T>(EFI_HANDLE user) where T : unmanaged, IProtocol =>
        Check(Firmware.Close<T>(Controller, _binding->DriverBindingHandle, user), "CloseProtocol");

    private void Check(EFI_STATUS status, string what)
    {
        if (status.IsError)
        {
            Faults.Add($"{what}: {status.Value:x}");
        }
    }

    private static FakeEdk2XenBus Of(EFI_DRIVER_BINDING_PROTOCOL* self) =>
        ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<FakeEdk2XenBus>(self);

    [UnmanagedCallersOnly]
    private static EFI_STATUS Refuse(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static void NotifyExitBoot(EFI_EVENT target, void* context)
    {
        FakeEdk2XenBus bus = Of((EFI_DRIVER_BINDING_PROTOCOL*)context);
        bus._firmware.Disconnect(bus.Controller, bus._binding->DriverBindingHandle);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children)
    {
        FakeEdk2XenBus bus = Of(self);
        foreach (EFI_HANDLE child in new ReadOnlySpan<EFI_HANDLE>(children, (int)count))
        {
            bus.Close<FAKE_XENIO_PROTOCOL>(child);
            bus.UninstallChild();
        }

        if (count == 0)
        {
            bus._firmware.BootServices->CloseEvent(bus._exitEvent);
            bus.IsStopped = true;
            bus.Close<EFI_DEVICE_PATH_PROTOCOL>(controller);
            bus.Close<FAKE_XENIO_PROTOCOL>(controller);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    // UninstallMultipleProtocolInterfaces: both or none, the path first. What comes of it is asserted, and the memory freed.
    private void UninstallChild()
    {
        EFI_DEVICE_PATH_PROTOCOL* path = _firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Child);
        EFI_STATUS status = _firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(Child);
        if (status.IsSuccess)
        {
            status = _firmware.Uninstall<XENBUS_PROTOCOL>(Child);
            if (status.IsError)
            {
                _firmware.Install(Child, path);
            }
        }

        Check(status, "UninstallMultipleProtocolInterfaces");
        _isFreed = true;
    }

    private static FakeEdk2XenBus Of(XENBUS_PROTOCOL* self)
    {
        FakeEdk2XenBus bus = ProtocolInstance<XENBUS_PROTOCOL>.OwnerOf<FakeEdk2XenBus>(self);
        if (bus._isFreed)
        {
            bus.Faults.Add("The protocol is used after its memory was freed");
        }

        return bus;
    }

    private static string Text(byte* text) => Marshal.PtrToStringAnsi((nint)text)!;

    private uint Read(string path, uint* transaction, void** result)
    {
        Calls.Add($"read {path} in {(transaction == null ? 0 : *transaction)}");
        if (Failure != 0)
        {
            return Failure;
        }

        if (!Nodes.TryGetValue(path, out string? value))
        {
            return 6;
        }

        byte[] bytes = Encoding.ASCII.GetBytes(value + '\0');
        if (_firmware.IsExitingBootServices)
        {
            *result = _firmware.AllocateBytes(bytes); // edk2's own doing, which cannot be helped.
            return 0;
        }

        Firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)bytes.Length, result);
        bytes.CopyTo(new Span<byte>(*result, bytes.Length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static uint XsRead(XENBUS_PROTOCOL* self, uint* transaction, byte* node, void** result) =>
        Of(self).Read($"{Text(self->Node)}/{Text(node)}", transaction, result);

    [UnmanagedCallersOnly]
    private static uint XsBackendRead(XENBUS_PROTOCOL* self, uint* transaction, byte* node, void** result) =>
        Of(self).Read($"{Text(self->Backend)}/{Text(node)}", transaction, result);

    [UnmanagedCallersOnly]
    private static uint XsPrintf(XENBUS_PROTOCOL* self, uint* transaction, byte* directory, byte* node, byte* format)
    {
        FakeEdk2XenBus bus = Of(self);
        string text = Text(format);
        bus.Calls.Add($"print {text} in {(transaction == null ? 0 : *transaction)}");

        if (text.Replace("%%", "").Contains('%'))
        {
            throw new InvalidOperationException("The format looks for arguments that there are not.");
        }

        if (bus.Failure == 0)
        {
            bus.Nodes[$"{Text(directory)}/{Text(node)}"] = text.Replace("%%", "%");
        }

        return bus.Failure;
    }

    [UnmanagedCallersOnly]
    private static uint XsRemove(XENBUS_PROTOCOL* self, uint* transaction, byte* node) =>
        Of(self).Nodes.Remove($"{Text(self->Node)}/{Text(node)}") ? 0u : 6;

    [UnmanagedCallersOnly]
    private static uint XsTransactionStart(XENBUS_PROTOCOL* self, uint* transaction)
    {
        *transaction = 77;
        return Of(self).Failure;
    }

    [UnmanagedCallersOnly]
    private static uint XsTransactionEnd(XENBUS_PROTOCOL* self, uint* transaction, byte abort)
    {
        Of(self).Calls.Add($"end {*transaction} {(abort != 0 ? "abort" : "commit")}");
        return Of(self).Failure;
    }

    [UnmanagedCallersOnly]
    private static uint SetState(XENBUS_PROTOCOL* self, uint* transaction, uint state)
    {
        FakeEdk2XenBus bus = Of(self);
        string node = $"{Text(self->Node)}/state";
        if (!bus.Nodes.ContainsKey(node))
        {
            return 6; // It reads the old one first.
        }

        bus.Nodes[node] = $"{state}";
        return 0;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GrantAccess(XENBUS_PROTOCOL* self, ushort domain, nuint frame, byte readOnly, uint* reference)
    {
        FakeEdk2XenBus bus = Of(self);
        *reference = bus.NextGrant == 0 ? 0 : bus._freeGrants.TryPop(out uint free) ? free : bus.NextGrant++;
        bus.Grants.Add((*reference, domain, frame, readOnly != 0));
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GrantEndAccess(XENBUS_PROTOCOL* self, uint reference)
    {
        FakeEdk2XenBus bus = Of(self);
        if (!bus.Grants.Exists(each => each.Reference == reference))
        {
            bus.Faults.Add($"The entry {reference}, which is free, is put into the list of free ones");
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (bus.GrantsAreInUse)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        bus.Grants.RemoveAll(each => each.Reference == reference);
        bus._freeGrants.Push(reference);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static uint EventChannelAllocate(XENBUS_PROTOCOL* self, ushort domain, uint* port)
    {
        Of(self).Calls.Add($"allocate for {domain}");
        *port = 5;
        return Of(self).Failure;
    }

    [UnmanagedCallersOnly]
    private static uint EventChannelNotify(XENBUS_PROTOCOL* self, uint port) => port == 5 ? 0 : unchecked((uint)-22);

    [UnmanagedCallersOnly]
    private static uint EventChannelClose(XENBUS_PROTOCOL* self, uint port) => port == 5 ? 0 : unchecked((uint)-22);

    [UnmanagedCallersOnly]
    private static uint WaitForWatch(XENBUS_PROTOCOL* self, void* token) => 0;
}
