using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen;

/// <summary>A device on our XenBus, or on any other that publishes NETBOOT_XENBUS_PROTOCOL.</summary>
public sealed unsafe class XenBusDevice : XenDevice
{
    private readonly NETBOOT_XENBUS_PROTOCOL* _protocol;

    private XenBusDevice(NETBOOT_XENBUS_PROTOCOL* protocol)
    {
        _protocol = protocol;
        Type = XenText.ToString(protocol->Type);
    }

    /// <summary>Makes the device of a protocol, which whoever calls has open for as long as the device is used.</summary>
    /// <returns>Null when the protocol is of another major version, or misses something.</returns>
    public static XenBusDevice? Create(NETBOOT_XENBUS_PROTOCOL* protocol) => IsUsable(protocol) ? new XenBusDevice(protocol) : null;

    /// <summary>Whether <see cref="Create"/> would make a device: for Supported, which allocates nothing.</summary>
    public static bool IsUsable(NETBOOT_XENBUS_PROTOCOL* protocol) =>
        protocol->Revision >> 16 == NETBOOT_XENBUS_PROTOCOL.NETBOOT_XENBUS_PROTOCOL_REVISION >> 16 && protocol->Type != null;

    /// <inheritdoc/>
    public override string Type { get; }

    /// <inheritdoc/>
    public override uint Index => _protocol->Index;

    /// <inheritdoc/>
    public override ushort BackendDomain => _protocol->BackendDomain;

    /// <inheritdoc/>
    public override XenStoreError StoreError => (XenStoreError)_protocol->StoreError;

    /// <inheritdoc/>
    public override EFI_STATUS Read(XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length, uint transaction = NoTransaction) =>
        Ask(_protocol->Read, transaction, end, name, value, out length);

    /// <inheritdoc/>
    public override EFI_STATUS Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint transaction = NoTransaction)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        if (!XenText.TryTerminate(name, terminated, MaximumName))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        fixed (byte* bytes = value)
        {
            return _protocol->Write(_protocol, transaction, terminated, (nuint)value.Length, bytes);
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Remove(ReadOnlySpan<byte> name, uint transaction = NoTransaction)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        return XenText.TryTerminate(name, terminated, MaximumName)
            ? _protocol->Remove(_protocol, transaction, terminated)
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    /// <inheritdoc/>
    public override EFI_STATUS List(XenEnd end, ReadOnlySpan<byte> name, Span<byte> names, out int length, uint transaction = NoTransaction) =>
        Ask(_protocol->List, transaction, end, name, names, out length);

    /// <inheritdoc/>
    public override EFI_STATUS BeginTransaction(out uint transaction)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->BeginTransaction(_protocol, &number);
        transaction = number;
        return status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS EndTransaction(uint transaction, bool commit) =>
        _protocol->EndTransaction(_protocol, transaction, commit ? (byte)1 : (byte)0);

    /// <inheritdoc/>
    public override EFI_STATUS Watch(XenEnd end, ReadOnlySpan<byte> name, out uint watch)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        watch = 0;
        if (!XenText.TryTerminate(name, terminated, MaximumName))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        uint number = 0;
        EFI_STATUS status = _protocol->Watch(_protocol, (uint)end, terminated, &number);
        watch = number;
        return status;
    }

    /// <inheritdoc/>
    public override bool HasChanged(uint watch) => _protocol->CheckWatch(_protocol, watch).IsSuccess;

    /// <inheritdoc/>
    public override void Unwatch(uint watch) => _protocol->Unwatch(_protocol, watch);

    /// <inheritdoc/>
    public override EFI_STATUS ReadState(XenEnd end, out XenBusState state)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->GetState(_protocol, (uint)end, &number);
        state = (XenBusState)number;
        return status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS SetState(XenBusState state) => _protocol->SetState(_protocol, (uint)state);

    /// <inheritdoc/>
    public override EFI_STATUS WaitForBackend(uint states, uint microseconds, out XenBusState state)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->WaitForBackend(_protocol, states, microseconds, &number);
        state = (XenBusState)number;
        return status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS GrantAccess(void* page, bool readOnly, out uint reference)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->GrantAccess(_protocol, page, readOnly ? (byte)1 : (byte)0, &number);
        reference = number;
        return status;
    }

    /// <inheritdoc/>
    public override bool EndAccess(uint reference) => _protocol->EndAccess(_protocol, reference).IsSuccess;

    /// <inheritdoc/>
    public override EFI_STATUS AllocateChannel(out uint port)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->AllocateChannel(_protocol, &number);
        port = number;
        return status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Notify(uint port) => _protocol->Notify(_protocol, port);

    /// <inheritdoc/>
    public override EFI_STATUS CloseChannel(uint port) => _protocol->CloseChannel(_protocol, port);

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    // What Read and List have in common: a name to a member of theirs, and what it answers into the caller's room.
    private EFI_STATUS Ask(
        delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, byte*, nuint*, void*, EFI_STATUS> member,
        uint transaction, XenEnd end, ReadOnlySpan<byte> name, Span<byte> answer, out int length)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        length = 0;
        if (!XenText.TryTerminate(name, terminated, MaximumName))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        nuint size = (nuint)answer.Length;
        fixed (byte* bytes = answer)
        {
            EFI_STATUS status = member(_protocol, transaction, (uint)end, terminated, &size, bytes);
            bool isAnswered = status.IsSuccess || status == EFI_STATUS.EFI_BUFFER_TOO_SMALL;
            length = isAnswered && size <= int.MaxValue ? (int)size : 0;
            return status;
        }
    }
}
