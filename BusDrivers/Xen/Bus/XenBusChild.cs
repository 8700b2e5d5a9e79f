using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Bus;

/// <summary>
/// A device on the bus: its handle with device path and NETBOOT_XENBUS_PROTOCOL, and what the protocol's members do. It lives in an arena
/// of its own; what firmware and clients point to is pool memory.
/// </summary>
internal sealed unsafe class XenBusChild
{
    /// <summary>The longest path of a backend that we use, in bytes.</summary>
    public const int MaximumBackend = 255;

    private const uint WaitStep = 50; // Microseconds.
    private const uint RecheckTime = 100_000;

    private readonly XenBus _bus;
    private readonly ProtocolSet _protocols = new(2);
    private ProtocolInstance<NETBOOT_XENBUS_PROTOCOL>* _published;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private byte* _texts;
    private int _nodeLength;
    private int _backendLength;

    private XenBusChild(XenBus bus, Arena arena, ushort owner)
    {
        _bus = bus;
        Owner = owner;
        Arena = arena;
    }

    public XenBusChild? Next { get; set; }

    /// <summary>It was plugged in, and firmware has not been asked to connect it.</summary>
    public bool IsNew { get; set; }
    public Arena Arena { get; }
    public XenBus Bus => _bus;

    /// <summary>Whose the child's grants, channels, watches and transactions are; no other child has the number.</summary>
    public ushort Owner { get; }
    public EFI_HANDLE Handle => _protocols.Handle;
    public ReadOnlySpan<byte> Type => XenText.Measure(_published->Protocol.Type);
    public uint Index => _published->Protocol.Index;

    /// <summary>What a person calls it.</summary>
    public char* Name { get; private set; }

    public ReadOnlySpan<byte> Node => new(_published->Protocol.Node, _nodeLength);
    public ReadOnlySpan<byte> Backend => new(_published->Protocol.Backend, _backendLength);

    /// <summary>Makes a child, not yet installed, in the current arena, which becomes its own.</summary>
    /// <returns>Null when there is no memory left.</returns>
    public static XenBusChild? Create(
        XenBus bus, Arena arena, ushort owner, ReadOnlySpan<byte> busPath, ReadOnlySpan<byte> type, uint index, ReadOnlySpan<byte> node,
        ReadOnlySpan<byte> backend, ushort domain)
    {
        XenBusChild child = new(bus, arena, owner);
        child._path = XenBusPath.ToPool(busPath, type, index);
        child._texts = (byte*)Pool.Allocate((nuint)(type.Length + node.Length + backend.Length + 3));
        child._published = Pool.Allocate<ProtocolInstance<NETBOOT_XENBUS_PROTOCOL>>();
        child.Name = Pool.CopyOf(TextBuilder.Format($"Xen {type} {index}"));
        if (child._path == null || child._texts == null || child._published == null || child.Name == null)
        {
            child.Free();
            return null;
        }

        child._nodeLength = node.Length;
        child._backendLength = backend.Length;
        child._published->Owner = ObjectReference.To(child);
        NETBOOT_XENBUS_PROTOCOL* protocol = &child._published->Protocol;
        XenBusEntries.Fill(protocol);
        protocol->Type = child._texts;
        protocol->Node = protocol->Type + type.Length + 1;
        protocol->Backend = protocol->Node + node.Length + 1;
        protocol->Index = index;
        protocol->BackendDomain = domain;
        type.CopyTo(new Span<byte>(protocol->Type, type.Length));
        node.CopyTo(new Span<byte>(protocol->Node, node.Length));
        backend.CopyTo(new Span<byte>(protocol->Backend, backend.Length));
        child._protocols.Add(child._path);
        child._protocols.Add(protocol);
        return child;
    }

    /// <summary>Makes the handle.</summary>
    public EFI_STATUS Install() => _protocols.Install(default);

    /// <summary>Takes the handle away, unless somebody uses it who will not let go.</summary>
    public EFI_STATUS Uninstall() => _protocols.Uninstall();

    /// <summary>Ends what the device's driver has left: watches, transactions, channels, and grants, but for those in use.</summary>
    public void Reclaim() => _bus.Reclaim(Owner);

    /// <summary>Gives the pool memory back; nothing is installed.</summary>
    public void Free()
    {
        if (_published != null)
        {
            _published->Owner.Free();
        }

        Pool.Free(_published);
        Pool.Free(_path);
        Pool.Free(_texts);
        Pool.Free(Name);
    }

    // What the members do; the entries have checked the pointers.

    public EFI_STATUS Read(uint transaction, XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        return IsValid(transaction, end, name)
            ? Note(_bus.Store.Read(transaction, DirectoryOf(end), name, value, out length))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    public EFI_STATUS Write(uint transaction, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        !name.IsEmpty && IsValid(transaction, XenEnd.Frontend, name)
            ? Note(_bus.Store.Write(transaction, Node, name, value))
            : EFI_STATUS.EFI_INVALID_PARAMETER;

    public EFI_STATUS Remove(uint transaction, ReadOnlySpan<byte> name) =>
        !name.IsEmpty && IsValid(transaction, XenEnd.Frontend, name)
            ? Note(_bus.Store.Remove(transaction, Node, name))
            : EFI_STATUS.EFI_INVALID_PARAMETER;

    public EFI_STATUS List(uint transaction, XenEnd end, ReadOnlySpan<byte> name, Span<byte> names, out int length)
    {
        length = 0;
        return IsValid(transaction, end, name)
            ? Note(_bus.Store.List(transaction, DirectoryOf(end), name, names, out length))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    public EFI_STATUS BeginTransaction(out uint transaction) => Note(_bus.Store.BeginTransaction(Owner, out transaction));

    public EFI_STATUS EndTransaction(uint transaction, bool commit) =>
        transaction != 0 && _bus.Store.Owns(Owner, transaction)
            ? Note(_bus.Store.EndTransaction(Owner, transaction, commit))
            : EFI_STATUS.EFI_INVALID_PARAMETER;

    public EFI_STATUS Watch(XenEnd end, ReadOnlySpan<byte> name, out uint watch)
    {
        watch = 0;
        return IsValid(0, end, name)
            ? Note(_bus.Store.AddWatch(Owner, DirectoryOf(end), name, out watch))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    public EFI_STATUS CheckWatch(uint watch) => _bus.Store.CheckWatch(Owner, watch);

    public EFI_STATUS Unwatch(uint watch) => _bus.Store.RemoveWatch(Owner, watch);

    public EFI_STATUS GetState(XenEnd end, out XenBusState state)
    {
        Span<byte> text = stackalloc byte[XenNumber.MaximumDigits];
        EFI_STATUS status = Read(0, end, "state"u8, text, out int length);
        state = status.IsError ? XenBusState.Unknown : XenNumber.ToState(text.Slice(0, length));
        return status == EFI_STATUS.EFI_BUFFER_TOO_SMALL ? EFI_STATUS.EFI_SUCCESS : status; // That long, it is none.
    }

    public EFI_STATUS SetState(uint state)
    {
        Span<byte> text = stackalloc byte[XenNumber.MaximumDigits];
        return state is > 0 and <= (uint)XenBusState.Reconfigured
            ? Write(0, "state"u8, text.Slice(0, XenNumber.Format(state, text)))
            : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    /// <summary>Reads the backend's state when a watch says that it has changed, and now and then in case the store says nothing.</summary>
    public EFI_STATUS WaitForBackend(uint states, uint microseconds, out XenBusState state)
    {
        _bus.Store.AddWatch(Owner, Backend, "state"u8, out uint watch); // Without one, we look less often.
        ulong waited = 0;
        EFI_STATUS status = GetState(XenEnd.Backend, out state);
        while (!status.IsError && (states & XenDevice.In(state)) == 0)
        {
            if (waited >= microseconds)
            {
                status = EFI_STATUS.EFI_TIMEOUT;
                break;
            }

            ulong recheck = waited + RecheckTime;
            do
            {
                Firmware.Stall(WaitStep);
                waited += WaitStep;
            }
            while (waited < Math.Min(recheck, microseconds) && !CheckWatch(watch).IsSuccess);
            status = GetState(XenEnd.Backend, out state);
        }

        uint error = _published->Protocol.StoreError;
        Unwatch(watch);
        _published->Protocol.StoreError = error;
        return status;
    }

    public EFI_STATUS GrantAccess(void* page, bool readOnly, out uint reference) =>
        _bus.Grants.Grant(Owner, _published->Protocol.BackendDomain, page, readOnly, out reference);

    public EFI_STATUS EndAccess(uint reference) => _bus.Grants.End(Owner, reference);

    public EFI_STATUS AllocateChannel(out uint port) => _bus.AllocateChannel(Owner, _published->Protocol.BackendDomain, out port);

    public EFI_STATUS Notify(uint port) => _bus.Notify(Owner, port);

    public EFI_STATUS CloseChannel(uint port) => _bus.CloseChannel(Owner, port);

    private bool IsValid(uint transaction, XenEnd end, ReadOnlySpan<byte> name) =>
        end is XenEnd.Frontend or XenEnd.Backend && name.Length <= XenDevice.MaximumName && _bus.Store.Owns(Owner, transaction);

    private ReadOnlySpan<byte> DirectoryOf(XenEnd end) => end == XenEnd.Frontend ? Node : Backend;

    private EFI_STATUS Note(EFI_STATUS status)
    {
        _published->Protocol.StoreError = (uint)_bus.Store.Error;
        return status;
    }
}
