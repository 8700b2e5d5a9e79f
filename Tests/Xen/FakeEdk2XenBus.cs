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
/// number, states that are read before they are written.
/// </summary>
internal sealed unsafe class FakeEdk2XenBus
{

    public FakeEdk2XenBus(SimulatedFirmware firmware)
    {
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

    private static FakeEdk2XenBus Of(XENBUS_PROTOCOL* self) => ProtocolInstance<XENBUS_PROTOCOL>.OwnerOf<FakeEdk2XenBus>(self);

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
        Of(self).Nodes[$"{Text(self->Node)}/state"] = $"{state}";
        return 0;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GrantAccess(XENBUS_PROTOCOL* self, ushort domain, nuint frame, byte readOnly, uint* reference)
    {
        FakeEdk2XenBus bus = Of(self);
        *reference = bus.NextGrant == 0 ? 0 : bus.NextGrant++;
        bus.Grants.Add((*reference, domain, frame, readOnly != 0));
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GrantEndAccess(XENBUS_PROTOCOL* self, uint reference)
    {
        FakeEdk2XenBus bus = Of(self);
        return bus.GrantsAreInUse || bus.Grants.RemoveAll(each => each.Reference == reference) == 0
            ? EFI_STATUS.EFI_NOT_READY
            : EFI_STATUS.EFI_SUCCESS;
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
