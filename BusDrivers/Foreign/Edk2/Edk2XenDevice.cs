using System;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Edk2;

/// <summary>A device on edk2's own XenBus (OvmfXen), whose driver has the bus there.</summary>
/// <remarks>
/// That protocol can do less: directories cannot be listed, and of watches it can only wait for ever, so that here a watch reads its node
/// and compares. Its store members allocate pool for what they answer. It gives out grants without counting, so that we count ours.
/// </remarks>
public sealed unsafe class Edk2XenDevice : XenDevice
{
    private const int MaximumWatches = 8;
    private const int MaximumWrite = 1024;
    private const int MaximumGrants = 1024; // Of the 2,040 that all devices have together.
    private const uint FirstGrant = 8; // What is below is for the guest's builder; edk2 answers it when it has no more.
    private const uint GrantEntries = 2048; // NR_GRANT_ENTRIES, edk2, OvmfPkg/XenBusDxe/GrantTable.c.
    private const uint WaitStep = 1000; // Microseconds.

    private sealed class Watched
    {
        public readonly byte[] Name = new byte[MaximumName];
        public int NameLength;
        public bool IsUsed;
        public XenEnd End;
        public ulong LastSeen;
        public bool IsNew;
    }

    private readonly XENBUS_PROTOCOL* _protocol;
    private readonly Watched[] _watches = new Watched[MaximumWatches];
    private readonly bool[] _isGranted = new bool[GrantEntries];
    private readonly ushort _backendDomain;
    private XenStoreError _error;
    private int _grants;

    private Edk2XenDevice(XENBUS_PROTOCOL* protocol, ushort backendDomain)
    {
        _protocol = protocol;
        _backendDomain = backendDomain;
        Type = XenText.ToString(protocol->Type);
        for (int i = 0; i < MaximumWatches; i++)
        {
            _watches[i] = new Watched();
        }
    }

    /// <summary>Makes the device of a protocol, which whoever calls has open for as long as the device is used.</summary>
    /// <returns>Null when the device's backend is not named.</returns>
    public static Edk2XenDevice? Create(XENBUS_PROTOCOL* protocol)
    {
        if (!IsUsable(protocol))
        {
            return null;
        }

        Span<byte> digits = stackalloc byte[XenNumber.MaximumDigits];
        bool isRead = Read(protocol, XenEnd.Frontend, "backend-id"u8, digits, out int length, NoTransaction, out _).IsSuccess;
        return isRead && XenNumber.TryParse(digits.Slice(0, length), out ulong domain) && domain <= ushort.MaxValue
            ? new Edk2XenDevice(protocol, (ushort)domain)
            : null;
    }

    /// <summary>Whether the protocol is of the shape that we know: for Supported, which allocates nothing.</summary>
    public static bool IsUsable(XENBUS_PROTOCOL* protocol) =>
        protocol->XsRead != null && protocol->WaitForWatch != null &&
        protocol->Type != null && protocol->Node != null && protocol->Backend != null;

    /// <inheritdoc/>
    public override string Type { get; }

    /// <inheritdoc/>
    public override uint Index => _protocol->DeviceId;

    /// <inheritdoc/>
    public override ushort BackendDomain => _backendDomain;

    /// <inheritdoc/>
    public override XenStoreError StoreError => _error;

    /// <inheritdoc/>
    public override EFI_STATUS Read(
        XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length, uint transaction = NoTransaction) =>
        Read(_protocol, end, name, value, out length, transaction, out _error);

    /// <summary>As <see cref="XenDevice.Write"/>; control characters and zeros cannot be written, nor more than 1,024 bytes.</summary>
    public override EFI_STATUS Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint transaction = NoTransaction)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        byte* format = stackalloc byte[2 * MaximumWrite + 1];
        if (value.Length > MaximumWrite)
        {
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        int length = 0;
        foreach (byte character in value)
        {
            if (character is < 0x20 or > 0x7E)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            format[length++] = character;
            if (character == '%')
            {
                format[length++] = character; // The value is a format without conversions: no further arguments are looked for.
            }
        }

        format[length] = 0;
        return XenText.TryTerminate(name, terminated, MaximumName) && !name.IsEmpty
            ? Note(_protocol->XsPrintf(_protocol, PointerTo(&transaction), _protocol->Node, terminated, format))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Remove(ReadOnlySpan<byte> name, uint transaction = NoTransaction)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        return XenText.TryTerminate(name, terminated, MaximumName) && !name.IsEmpty
            ? Note(_protocol->XsRemove(_protocol, PointerTo(&transaction), terminated))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    /// <inheritdoc/>
    public override EFI_STATUS List(XenEnd end, ReadOnlySpan<byte> name, Span<byte> names, out int length, uint transaction = NoTransaction)
    {
        length = 0;
        return EFI_STATUS.EFI_UNSUPPORTED;
    }

    /// <inheritdoc/>
    public override EFI_STATUS BeginTransaction(out uint transaction)
    {
        uint number = 0;
        EFI_STATUS status = Note(_protocol->XsTransactionStart(_protocol, &number));
        transaction = status.IsError ? 0 : number;
        return status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS EndTransaction(uint transaction, bool commit) =>
        transaction == NoTransaction
            ? EFI_STATUS.EFI_INVALID_PARAMETER
            : Note(_protocol->XsTransactionEnd(_protocol, &transaction, commit ? (byte)0 : (byte)1));

    /// <inheritdoc/>
    public override EFI_STATUS Watch(XenEnd end, ReadOnlySpan<byte> name, out uint watch)
    {
        watch = 0;
        if (name.Length > MaximumName)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        for (uint i = 0; i < MaximumWatches; i++)
        {
            Watched each = _watches[i];
            if (!each.IsUsed)
            {
                each.IsUsed = true;
                each.IsNew = true;
                each.End = end;
                each.NameLength = name.Length;
                name.CopyTo(each.Name);
                watch = i + 1;
                return EFI_STATUS.EFI_SUCCESS;
            }
        }

        return EFI_STATUS.EFI_OUT_OF_RESOURCES;
    }

    /// <summary>As <see cref="XenDevice.HasChanged"/>, but it reads the node, and does not see what is below it.</summary>
    public override bool HasChanged(uint watch)
    {
        if (watch is 0 or > MaximumWatches || !_watches[watch - 1].IsUsed)
        {
            return false;
        }

        Watched found = _watches[watch - 1];
        Span<byte> value = stackalloc byte[MaximumName];
        EFI_STATUS status = Read(found.End, new ReadOnlySpan<byte>(found.Name, 0, found.NameLength), value, out int length);
        ulong seen = Digest(status, value.Slice(0, Math.Min(length, value.Length)));
        bool hasChanged = found.IsNew || seen != found.LastSeen;
        found.IsNew = false;
        found.LastSeen = seen;
        return hasChanged;
    }

    /// <inheritdoc/>
    public override void Unwatch(uint watch)
    {
        if (watch is > 0 and <= MaximumWatches)
        {
            _watches[watch - 1].IsUsed = false;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS ReadState(XenEnd end, out XenBusState state)
    {
        Span<byte> text = stackalloc byte[XenNumber.MaximumDigits];
        EFI_STATUS status = Read(end, "state"u8, text, out int length);
        state = status.IsError ? XenBusState.Unknown : XenNumber.ToState(text.Slice(0, length));
        return status == EFI_STATUS.EFI_BUFFER_TOO_SMALL ? EFI_STATUS.EFI_SUCCESS : status;
    }

    /// <inheritdoc/>
    public override EFI_STATUS SetState(XenBusState state) => Note(_protocol->SetState(_protocol, null, (uint)state));

    /// <inheritdoc/>
    public override EFI_STATUS WaitForBackend(uint states, uint microseconds, out XenBusState state)
    {
        for (ulong waited = 0; ; waited += WaitStep)
        {
            EFI_STATUS status = ReadState(XenEnd.Backend, out state);
            if (status.IsError || (states & In(state)) != 0)
            {
                return status;
            }

            if (waited >= microseconds)
            {
                return EFI_STATUS.EFI_TIMEOUT;
            }

            Firmware.Stall(WaitStep);
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS GrantAccess(void* page, bool readOnly, out uint reference)
    {
        reference = 0;
        ulong frame = (ulong)page / Pages.PageSize;
        if (page == null || (ulong)page % Pages.PageSize != 0 || frame > uint.MaxValue)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_grants == MaximumGrants)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        uint number = 0;
        EFI_STATUS status = _protocol->GrantAccess(_protocol, _backendDomain, (nuint)frame, readOnly ? (byte)1 : (byte)0, &number);
        if (!status.IsError && number is < FirstGrant or >= GrantEntries)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        if (!status.IsError)
        {
            reference = number;
            _isGranted[number] = true;
            _grants++;
        }

        return status;
    }

    /// <summary>As <see cref="XenDevice.EndAccess"/>: edk2 takes any number, and one that it is given twice spoils its list.</summary>
    public override bool EndAccess(uint reference)
    {
        if (reference >= GrantEntries || !_isGranted[reference])
        {
            return false;
        }

        _isGranted[reference] = false;
        bool isOurs = _protocol->GrantEndAccess(_protocol, reference).IsSuccess;
        _grants -= isOurs ? 1 : 0; // What the backend keeps has its entry for good.
        return isOurs;
    }

    /// <inheritdoc/>
    public override EFI_STATUS AllocateChannel(out uint port)
    {
        uint number = 0;
        uint result = _protocol->EventChannelAllocate(_protocol, _backendDomain, &number);
        port = result == 0 ? number : 0;
        return result == 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_OUT_OF_RESOURCES;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Notify(uint port) =>
        _protocol->EventChannelNotify(_protocol, port) == 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;

    /// <inheritdoc/>
    public override EFI_STATUS CloseChannel(uint port) =>
        _protocol->EventChannelClose(_protocol, port) == 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private static EFI_STATUS Read(
        XENBUS_PROTOCOL* protocol, XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length, uint transaction,
        out XenStoreError error)
    {
        byte* terminated = stackalloc byte[MaximumName + 1];
        length = 0;
        error = XenStoreError.EINVAL;
        if (!XenText.TryTerminate(name, terminated, MaximumName))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        void* result = null;
        error = (XenStoreError)(end == XenEnd.Frontend
            ? protocol->XsRead(protocol, PointerTo(&transaction), terminated, &result)
            : protocol->XsBackendRead(protocol, PointerTo(&transaction), terminated, &result));
        if (error != XenStoreError.None || result == null)
        {
            return error == XenStoreError.None ? EFI_STATUS.EFI_DEVICE_ERROR : XenStoreErrors.ToStatus(error);
        }

        ReadOnlySpan<byte> text = XenText.Measure((byte*)result);
        length = text.Length;
        text.Slice(0, Math.Min(length, value.Length)).CopyTo(value);
        Pool.Free(result);
        return length > value.Length ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
    }

    private static uint* PointerTo(uint* transaction) => *transaction == NoTransaction ? null : transaction;

    // FNV-1a: enough to tell a change.
    private static ulong Digest(EFI_STATUS status, ReadOnlySpan<byte> value)
    {
        ulong digest = 0xCBF29CE484222325 ^ status.Value;
        foreach (byte each in value)
        {
            digest = (digest ^ each) * 0x100000001B3;
        }

        return digest;
    }

    private EFI_STATUS Note(uint result)
    {
        _error = (XenStoreError)result;
        return XenStoreErrors.ToStatus(_error);
    }
}
