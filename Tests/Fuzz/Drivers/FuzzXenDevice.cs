using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>
/// A network interface of a Xen guest without a bus: a store that is a dictionary, grants that are addresses, and a backend that follows the
/// frontend as an honest one does, until it is told otherwise.
/// </summary>
internal sealed unsafe class FuzzXenDevice : XenDevice
{
    private const uint FirstGrant = 8;
    private const int PageSize = 4096;

    private readonly Dictionary<string, byte[]> _frontend = new()
    {
        ["mac"] = Encoding.ASCII.GetBytes("52:54:00:12:34:56"),
        ["state"] = [(byte)'1'],
    };

    private readonly Dictionary<string, byte[]> _backend = new()
    {
        ["feature-rx-copy"] = [(byte)'1'],
        ["state"] = [(byte)'2'],
    };

    private readonly Dictionary<uint, nint> _grants = [];
    private uint _nextGrant = FirstGrant;
    private bool _isWatching;
    private bool _hasChanged;
    private bool _hasChannel;
    private int _failures;
    private EFI_STATUS _failure;

    public override string Type => "vif";
    public override uint Index => 0;
    public override ushort BackendDomain => 0;
    public override XenStoreError StoreError => XenStoreError.None;

    /// <summary>Pages that the backend may write to, or read.</summary>
    public int GrantCount => _grants.Count;

    public bool HasChannel => _hasChannel;
    public bool IsWatching => _isWatching;

    /// <summary>The backend does not follow the frontend.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>The backend lets no page go.</summary>
    public bool KeepsPages { get; set; }

    /// <summary>The next calls fail.</summary>
    public void Fail(int calls, EFI_STATUS status) => (_failures, _failure) = (calls, status);

    /// <summary>Changes what is in the store.</summary>
    public void Set(XenEnd end, string name, byte[] value)
    {
        Nodes(end)[name] = value;
        _hasChanged |= end == XenEnd.Backend;
    }

    /// <summary>A ring's page as the backend has it; empty before the frontend has told.</summary>
    public Span<byte> Ring(string name) =>
        _frontend.TryGetValue(name, out byte[]? text) && XenNumber.TryParse(text, out ulong reference) && _grants.TryGetValue((uint)reference, out nint page)
            ? new Span<byte>((void*)page, PageSize)
            : default;

    public override EFI_STATUS Read(XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length, uint transaction = NoTransaction)
    {
        length = 0;
        EFI_STATUS status = Status();
        if (status.IsError || !Nodes(end).TryGetValue(Encoding.ASCII.GetString(name), out byte[]? found))
        {
            return status.IsError ? status : EFI_STATUS.EFI_NOT_FOUND;
        }

        length = found.Length;
        found.AsSpan(0, Math.Min(found.Length, value.Length)).CopyTo(value);
        return found.Length > value.Length ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
    }

    public override EFI_STATUS Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint transaction = NoTransaction)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            _frontend[Encoding.ASCII.GetString(name)] = value.ToArray();
        }

        return status;
    }

    public override EFI_STATUS Remove(ReadOnlySpan<byte> name, uint transaction = NoTransaction)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            _frontend.Remove(Encoding.ASCII.GetString(name));
        }

        return status;
    }

    public override EFI_STATUS List(XenEnd end, ReadOnlySpan<byte> name, Span<byte> names, out int length, uint transaction = NoTransaction)
    {
        length = 0;
        return EFI_STATUS.EFI_UNSUPPORTED;
    }

    public override EFI_STATUS BeginTransaction(out uint transaction)
    {
        transaction = 1;
        return Status();
    }

    public override EFI_STATUS EndTransaction(uint transaction, bool commit) => Status();

    public override EFI_STATUS Watch(XenEnd end, ReadOnlySpan<byte> name, out uint watch)
    {
        EFI_STATUS status = Status();
        watch = 1;
        _isWatching |= !status.IsError;
        _hasChanged = true;
        return status;
    }

    public override bool HasChanged(uint watch)
    {
        bool hasChanged = _hasChanged;
        _hasChanged = false;
        return hasChanged;
    }

    public override void Unwatch(uint watch) => _isWatching = false;

    public override EFI_STATUS ReadState(XenEnd end, out XenBusState state)
    {
        EFI_STATUS status = Status();
        state = status.IsError ? XenBusState.Unknown : State(end);
        return status;
    }

    public override EFI_STATUS SetState(XenBusState state)
    {
        EFI_STATUS status = Status();
        if (!status.IsError)
        {
            _frontend["state"] = [(byte)('0' + (int)state)];
            Follow(state);
        }

        return status;
    }

    public override EFI_STATUS WaitForBackend(uint states, uint microseconds, out XenBusState state)
    {
        EFI_STATUS status = Status();
        state = State(XenEnd.Backend);
        if (status.IsError || (states & In(state)) != 0)
        {
            return status;
        }

        Firmware.Stall(microseconds);
        return EFI_STATUS.EFI_TIMEOUT;
    }

    public override EFI_STATUS GrantAccess(void* page, bool readOnly, out uint reference)
    {
        EFI_STATUS status = Status();
        reference = 0;
        if (!status.IsError)
        {
            reference = _nextGrant++;
            _grants.Add(reference, (nint)page);
        }

        return status;
    }

    public override bool EndAccess(uint reference) => !KeepsPages && _grants.Remove(reference);

    public override EFI_STATUS AllocateChannel(out uint port)
    {
        EFI_STATUS status = Status();
        port = 5;
        _hasChannel |= !status.IsError;
        return status;
    }

    public override EFI_STATUS Notify(uint port) => Status();

    public override EFI_STATUS CloseChannel(uint port)
    {
        _hasChannel = false;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override void Dispose()
    {
    }

    private Dictionary<string, byte[]> Nodes(XenEnd end) => end == XenEnd.Frontend ? _frontend : _backend;

    private XenBusState State(XenEnd end) => Nodes(end).TryGetValue("state", out byte[]? text) ? XenNumber.ToState(text) : XenBusState.Unknown;

    private EFI_STATUS Status() => _failures > 0 && _failures-- > 0 ? _failure : EFI_STATUS.EFI_SUCCESS;

    /// <summary>What an honest backend does when the frontend's state changes.</summary>
    private void Follow(XenBusState frontend)
    {
        XenBusState next = frontend switch
        {
            XenBusState.Initialising => XenBusState.InitWait,
            XenBusState.Connected or XenBusState.Closing or XenBusState.Closed => frontend,
            _ => State(XenEnd.Backend),
        };
        if (!IsStubborn)
        {
            Set(XenEnd.Backend, "state", [(byte)('0' + (int)next)]);
        }
    }
}
