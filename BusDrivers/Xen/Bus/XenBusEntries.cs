using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Bus;

/// <summary>
/// What clients call: the members of NETBOOT_XENBUS_PROTOCOL, each through the fault boundary of its bus to the function of the same name
/// in <see cref="XenBusChild"/>.
/// </summary>
internal static unsafe class XenBusEntries
{
    public static void Fill(NETBOOT_XENBUS_PROTOCOL* protocol)
    {
        protocol->Revision = NETBOOT_XENBUS_PROTOCOL.NETBOOT_XENBUS_PROTOCOL_REVISION;
        protocol->Read = &Read;
        protocol->Write = &Write;
        protocol->Remove = &Remove;
        protocol->List = &List;
        protocol->BeginTransaction = &BeginTransaction;
        protocol->EndTransaction = &EndTransaction;
        protocol->Watch = &Watch;
        protocol->CheckWatch = &CheckWatch;
        protocol->Unwatch = &Unwatch;
        protocol->GetState = &GetState;
        protocol->SetState = &SetState;
        protocol->WaitForBackend = &WaitForBackend;
        protocol->GrantAccess = &GrantAccess;
        protocol->EndAccess = &EndAccess;
        protocol->AllocateChannel = &AllocateChannel;
        protocol->Notify = &Notify;
        protocol->CloseChannel = &CloseChannel;
    }

    // One set for all members: each uses what it has, and the unused cost nothing.
    private struct Call
    {
        public XenBusChild Child;
        public uint Transaction;
        public uint End;
        public uint Number;
        public uint Microseconds;
        public byte* Name;
        public nuint* Size;
        public nuint Length;
        public void* Data;
        public uint* Result;
        public bool Flag;
    }

    private static EFI_STATUS Run(
        NETBOOT_XENBUS_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body, nuint tpl = EFI_TPL.TPL_NOTIFY)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Child = ProtocolInstance<NETBOOT_XENBUS_PROTOCOL>.OwnerOf<XenBusChild>(self);
        return FirmwareEntry.Run(call.Child.Bus, tpl, ref call, body);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Read(NETBOOT_XENBUS_PROTOCOL* self, uint transaction, uint end, byte* name, nuint* size, void* value)
    {
        Call call = new() { Transaction = transaction, End = end, Name = name, Size = size, Data = value };
        return name == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &Read);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS List(NETBOOT_XENBUS_PROTOCOL* self, uint transaction, uint end, byte* name, nuint* size, void* names)
    {
        Call call = new() { Transaction = transaction, End = end, Name = name, Size = size, Data = names };
        return Run(self, ref call, &List);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Write(NETBOOT_XENBUS_PROTOCOL* self, uint transaction, byte* name, nuint size, void* value)
    {
        Call call = new() { Transaction = transaction, Name = name, Length = size, Data = value };
        return name == null || (value == null && size != 0) ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &Write);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Remove(NETBOOT_XENBUS_PROTOCOL* self, uint transaction, byte* name)
    {
        Call call = new() { Transaction = transaction, Name = name };
        return name == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &Remove);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS BeginTransaction(NETBOOT_XENBUS_PROTOCOL* self, uint* transaction)
    {
        Call call = new() { Result = transaction };
        return transaction == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &BeginTransaction);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS EndTransaction(NETBOOT_XENBUS_PROTOCOL* self, uint transaction, byte commit)
    {
        Call call = new() { Transaction = transaction, Flag = commit != 0 };
        return Run(self, ref call, &EndTransaction);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Watch(NETBOOT_XENBUS_PROTOCOL* self, uint end, byte* name, uint* watch)
    {
        Call call = new() { End = end, Name = name, Result = watch };
        return name == null || watch == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &Watch);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CheckWatch(NETBOOT_XENBUS_PROTOCOL* self, uint watch)
    {
        Call call = new() { Number = watch };
        return Run(self, ref call, &CheckWatch);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Unwatch(NETBOOT_XENBUS_PROTOCOL* self, uint watch)
    {
        Call call = new() { Number = watch };
        return Run(self, ref call, &Unwatch);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetState(NETBOOT_XENBUS_PROTOCOL* self, uint end, uint* state)
    {
        Call call = new() { End = end, Result = state };
        return state == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &GetState);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetState(NETBOOT_XENBUS_PROTOCOL* self, uint state)
    {
        Call call = new() { Number = state };
        return Run(self, ref call, &SetState);
    }

    // At the caller's TPL: it may take long, and each request raises it for itself.
    [UnmanagedCallersOnly]
    private static EFI_STATUS WaitForBackend(NETBOOT_XENBUS_PROTOCOL* self, uint states, uint microseconds, uint* state)
    {
        Call call = new() { Number = states, Microseconds = microseconds, Result = state };
        return state == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &WaitForBackend, 0);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GrantAccess(NETBOOT_XENBUS_PROTOCOL* self, void* page, byte readOnly, uint* reference)
    {
        Call call = new() { Data = page, Flag = readOnly != 0, Result = reference };
        return reference == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &GrantAccess);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS EndAccess(NETBOOT_XENBUS_PROTOCOL* self, uint reference)
    {
        Call call = new() { Number = reference };
        return Run(self, ref call, &EndAccess);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocateChannel(NETBOOT_XENBUS_PROTOCOL* self, uint* port)
    {
        Call call = new() { Result = port };
        return port == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Run(self, ref call, &AllocateChannel);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Notify(NETBOOT_XENBUS_PROTOCOL* self, uint port)
    {
        Call call = new() { Number = port };
        return Run(self, ref call, &Notify);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CloseChannel(NETBOOT_XENBUS_PROTOCOL* self, uint port)
    {
        Call call = new() { Number = port };
        return Run(self, ref call, &CloseChannel);
    }

    private static EFI_STATUS Read(ref Call call)
    {
        if (!TryGetRoom(call, out Span<byte> room))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = call.Child.Read(call.Transaction, (XenEnd)call.End, XenText.Measure(call.Name), room, out int length);
        return SetSize(call, status, length);
    }

    private static EFI_STATUS List(ref Call call)
    {
        if (!TryGetRoom(call, out Span<byte> room))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = call.Child.List(call.Transaction, (XenEnd)call.End, XenText.Measure(call.Name), room, out int length);
        return SetSize(call, status, length);
    }

    private static EFI_STATUS Write(ref Call call) =>
        call.Length > XenDevice.MaximumValue
            ? EFI_STATUS.EFI_BAD_BUFFER_SIZE
            : call.Child.Write(call.Transaction, XenText.Measure(call.Name), new ReadOnlySpan<byte>(call.Data, (int)call.Length));

    private static EFI_STATUS Remove(ref Call call) => call.Child.Remove(call.Transaction, XenText.Measure(call.Name));

    private static EFI_STATUS BeginTransaction(ref Call call)
    {
        EFI_STATUS status = call.Child.BeginTransaction(out uint transaction);
        *call.Result = transaction;
        return status;
    }

    private static EFI_STATUS EndTransaction(ref Call call) => call.Child.EndTransaction(call.Transaction, call.Flag);

    private static EFI_STATUS Watch(ref Call call)
    {
        EFI_STATUS status = call.Child.Watch((XenEnd)call.End, XenText.Measure(call.Name), out uint watch);
        *call.Result = watch;
        return status;
    }

    private static EFI_STATUS CheckWatch(ref Call call) => call.Child.CheckWatch(call.Number);

    private static EFI_STATUS Unwatch(ref Call call) => call.Child.Unwatch(call.Number);

    private static EFI_STATUS GetState(ref Call call)
    {
        EFI_STATUS status = call.Child.GetState((XenEnd)call.End, out XenBusState state);
        *call.Result = (uint)state;
        return status;
    }

    private static EFI_STATUS SetState(ref Call call) => call.Child.SetState(call.Number);

    private static EFI_STATUS WaitForBackend(ref Call call)
    {
        EFI_STATUS status = call.Child.WaitForBackend(call.Number, call.Microseconds, out XenBusState state);
        *call.Result = (uint)state;
        return status;
    }

    private static EFI_STATUS GrantAccess(ref Call call)
    {
        EFI_STATUS status = call.Child.GrantAccess(call.Data, call.Flag, out uint reference);
        *call.Result = reference;
        return status;
    }

    private static EFI_STATUS EndAccess(ref Call call) => call.Child.EndAccess(call.Number);

    private static EFI_STATUS AllocateChannel(ref Call call)
    {
        EFI_STATUS status = call.Child.AllocateChannel(out uint port);
        *call.Result = port;
        return status;
    }

    private static EFI_STATUS Notify(ref Call call) => call.Child.Notify(call.Number);

    private static EFI_STATUS CloseChannel(ref Call call) => call.Child.CloseChannel(call.Number);

    private static bool TryGetRoom(in Call call, out Span<byte> room)
    {
        bool isValid = call.Size != null && (call.Data != null || *call.Size == 0);
        room = isValid ? new Span<byte>(call.Data, (int)Math.Min(*call.Size, (nuint)int.MaxValue)) : default;
        return isValid;
    }

    private static EFI_STATUS SetSize(in Call call, EFI_STATUS status, int length)
    {
        if (status.IsSuccess || status == EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            *call.Size = (nuint)length;
        }

        return status;
    }
}
