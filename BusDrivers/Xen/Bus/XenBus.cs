using System;
using NetBoot.BusDrivers.Xen.Host;
using NetBoot.BusDrivers.Xen.Store;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Bus;

/// <summary>
/// A started XenBus: the hypercall page; shared info and grant table, mapped into the platform device's memory; xenstore; and a child
/// for each device that the store lists and that has a backend. Event channels are polled, nothing interrupts.
/// </summary>
/// <remarks>
/// <para>Devices come and go while it runs: the store tells of every change below `device`, and a timer's notification at TPL_CALLBACK, where
/// drivers are started and stopped, looks then what there is.</para>
/// <para>When it ends (Stop, a fault, ExitBootServices), channels are closed, watches ended, grants taken back but for those that a backend is
/// using, xenstore's rings left between two messages, and Xen's pages unmapped: the next one finds what was found here.</para>
/// </remarks>
internal sealed unsafe class XenBus : Device
{
    // HVM_PARAM_*, public/hvm/params.h.
    private const uint StorePageParameter = 1;
    private const uint StoreChannelParameter = 2;

    private const int WindowBar = 1;
    private const uint SharedInfoSpace = 0; // XENMAPSPACE_shared_info
    private const ulong HighestPage = 1UL << 40;
    private const ulong HighestDomain = 0x7FEF; // DOMID_FIRST_RESERVED - 1
    private const int MaximumPorts = 64;
    private const int MaximumNode = 64;
    private const int ListingSize = 4096;
    private const ulong LookPeriod = 500_000; // Microseconds.

    /// <summary>Whose the bus's own watch is; no child has the number.</summary>
    private const ushort Self = ushort.MaxValue;

    private struct Port
    {
        public ushort Owner; // 0: free.
        public bool WasMasked;
        public uint Number;
    }

    private readonly XenBusDriver _driver;
    private readonly PciDevice _device;
    private readonly Port[] _ports = new Port[MaximumPorts];
    private XenHypervisor? _xen;
    private XenSharedInfo? _sharedInfo;
    private byte* _sharedPage;
    private XenGrantTable? _grants;
    private XenStore? _store;
    private uint _storePort;
    private bool _wasStoreMasked;
    private XenBusChild? _first;
    private ushort _lastOwner;
    private Event? _timer;
    private uint _watch;
    private bool _isLookDue;
    private bool _wantsAllChildren;

    /// <summary>Firmware starts or stops children, at a TPL at which the timer's notification may come in between.</summary>
    private bool _isBusy;
    private bool _isQuiet;

    public XenBus(XenBusDriver driver, EFI_HANDLE controller, PciDevice device)
        : base(controller)
    {
        _driver = driver;
        _device = device;
    }

    public override string Name => ControllerName;
    public override string ControllerName => "Xen platform device";
    public override string ChildName => "Xen device";

    /// <summary>After the devices on the bus, whose own handlers still need it.</summary>
    public override nuint ExitBootServicesTpl => EFI_TPL.TPL_CALLBACK;

    public XenStore Store => _store!;
    public XenGrantTable Grants => _grants!;

    /// <summary>Finds Xen and all that is needed of it. After a failure, <see cref="Dispose"/> takes back what there is.</summary>
    public XenStartFailure Initialize()
    {
        if (!_device.TryGetMemory(WindowBar, out ulong window, out ulong size) || window == 0 || window % Pages.PageSize != 0 ||
            size < 2 * Pages.PageSize || _device.EnableAttributes(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY).IsError)
        {
            return new XenStartFailure(XenStartFailureKind.NoWindow);
        }

        _xen = XenHypervisor.Create(out XenStartFailure failure);
        if (_xen is null)
        {
            return failure;
        }

        long result = _xen.GetParameter(StorePageParameter, out ulong storePage);
        ulong storePort = 0;
        result = result < 0 ? result : _xen.GetParameter(StoreChannelParameter, out storePort);
        if (result < 0 || storePage is 0 or >= HighestPage || storePort is 0 or > uint.MaxValue)
        {
            return new XenStartFailure(XenStartFailureKind.NoStore, result);
        }

        result = _xen.Map(SharedInfoSpace, 0, (byte*)window);
        if (result < 0)
        {
            return new XenStartFailure(XenStartFailureKind.SharedInfo, result);
        }

        _sharedPage = (byte*)window;
        _sharedInfo = new XenSharedInfo(_sharedPage);
        _grants = XenGrantTable.Create(_xen, (byte*)window + Pages.PageSize, size / Pages.PageSize - 1, out failure);
        if (_grants is null)
        {
            return failure;
        }

        _storePort = (uint)storePort;
        _wasStoreMasked = _sharedInfo.Mask(_storePort);
        _store = new XenStore(new XenStoreRing(_xen, (byte*)(storePage * Pages.PageSize), _storePort));
        EFI_STATUS status = _store.List(0, "device"u8, default, default, out _);
        if (status.IsError && status != EFI_STATUS.EFI_BUFFER_TOO_SMALL && status != EFI_STATUS.EFI_NOT_FOUND)
        {
            return new XenStartFailure(
                status == EFI_STATUS.EFI_TIMEOUT ? XenStartFailureKind.StoreSilent : XenStartFailureKind.StoreRefuses);
        }

        WatchDevices();
        return default;
    }

    // A bus on which nothing can be plugged is a bus all the same.
    private void WatchDevices()
    {
        _timer = Event.Create(EVT.EVT_NOTIFY_SIGNAL | EVT.EVT_TIMER, EFI_TPL.TPL_CALLBACK, this, Look, out _);
        if (_timer is not null && _store!.AddWatch(Self, "device"u8, default, out _watch).IsSuccess)
        {
            _timer.StartPeriodicTimer(LookPeriod);
        }
    }

    // Children

    public override bool HasChild(EFI_HANDLE child) => Find(child) is not null;

    public override char* NameOfChild(EFI_HANDLE child)
    {
        XenBusChild? found = Find(child);
        return found is null ? null : found.Name;
    }

    public override EFI_STATUS Diagnose(EFI_HANDLE child, ref TextBuilder text)
    {
        text.Append("Works: Xen ");
        text.AppendFormatted(_xen!.Version >> 16);
        text.Append('.');
        text.AppendFormatted(_xen.Version & 0xFFFF);
        return EFI_STATUS.EFI_SUCCESS;
    }

    // What the store lists now is not asked here: Supported is quick.
    public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        remaining == null || (XenBusPath.TryParse(remaining, out ReadOnlySpan<byte> type, out uint index) && Find(type, index) is null);

    public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        ReadOnlySpan<byte> onlyType = default;
        uint onlyIndex = 0;
        if (remaining != null && !XenBusPath.TryParse(remaining, out onlyType, out onlyIndex))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        XenBusChild? last = _first;
        _isBusy = true;
        _store!.CheckWatch(Self, _watch); // What has changed before is seen now.
        EFI_STATUS status = remaining == null ? StartAll() : StartChild(onlyType, onlyIndex);
        while (status.IsError && _first != last && !Stop(_first!.Handle).IsError)
        {
        }

        _isBusy = false;
        _wantsAllChildren |= remaining == null && !status.IsError;
        return status;
    }

    /// <summary>What firmware has stopped is not started again when the store tells of something.</summary>
    public override EFI_STATUS StopChild(EFI_HANDLE handle)
    {
        _wantsAllChildren = false;
        _isBusy = true;
        EFI_STATUS status = Stop(handle);
        _isBusy = false;
        return status;
    }

    private EFI_STATUS Stop(EFI_HANDLE handle)
    {
        XenBusChild child = Find(handle)!;
        _driver.CloseForChild(Controller, handle);
        EFI_STATUS status = child.Uninstall();
        if (status.IsError)
        {
            _driver.OpenForChild(Controller, handle);
            return status;
        }

        child.Reclaim();
        Remove(child);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override EFI_STATUS StopChildren()
    {
        EFI_STATUS result = EFI_STATUS.EFI_SUCCESS;
        _wantsAllChildren = false;
        _isBusy = true;
        for (XenBusChild? child = _first; child is not null;)
        {
            XenBusChild? next = child.Next;
            EFI_STATUS status = Stop(child.Handle);
            result = status.IsError ? status : result;
            child = next;
        }

        _isBusy = false;
        return result;
    }

    // Takes away what the toolstack has taken away, and makes and connects what is new.
    private void Look()
    {
        if (_isQuiet || _isBusy || !(_store!.CheckWatch(Self, _watch).IsSuccess | _isLookDue))
        {
            return;
        }

        _isLookDue = false;
        for (XenBusChild? child = _first; child is not null;)
        {
            XenBusChild? next = child.Next;
            EFI_STATUS status = Confirm(child);
            if (status == EFI_STATUS.EFI_TIMEOUT)
            {
                return; // Each question takes seconds, in which nothing else runs.
            }

            // Somebody who will not let go is asked again with the next look.
            _isLookDue |= status == EFI_STATUS.EFI_NOT_FOUND && Stop(child.Handle).IsError;
            child = next;
        }

        XenBusChild? last = _first;
        if (_wantsAllChildren)
        {
            StartAll(); // What there is no memory for is there for a later Start.
        }

        for (XenBusChild? child = _first; child is not null && child != last; child = child.Next)
        {
            child.IsNew = true;
        }

        for (XenBusChild? child = FindNew(); child is not null; child = FindNew())
        {
            child.IsNew = false;
            Controllers.Connect(child.Handle, default, recursive: true); // Whose drivers may do anything, to the list too.
        }
    }

    private XenBusChild? FindNew()
    {
        XenBusChild? child = _first;
        while (child is not null && !child.IsNew)
        {
            child = child.Next;
        }

        return child;
    }

    /// <returns>EFI_NOT_FOUND when the device is not there any more, or another one has its number.</returns>
    private EFI_STATUS Confirm(XenBusChild child)
    {
        Span<byte> room = stackalloc byte[XenBusChild.MaximumBackend + 1];
        EFI_STATUS status = _store!.Read(0, child.Node, "backend"u8, room, out int length);
        bool isAnother = status.IsSuccess && !XenText.Until(room.Slice(0, length)).SequenceEqual(child.Backend);
        return isAnother || status == EFI_STATUS.EFI_ACCESS_DENIED ? EFI_STATUS.EFI_NOT_FOUND : status;
    }

    /// <summary>Ends what the driver of a device has left behind.</summary>
    public void Reclaim(ushort owner)
    {
        if (_isQuiet)
        {
            return;
        }

        _store!.EndAll(owner);
        _grants!.EndAll(owner);
        CloseChannels(owner);
    }

    // Event channels

    /// <summary>A channel for a domain; its events are masked.</summary>
    public EFI_STATUS AllocateChannel(ushort owner, ushort domain, out uint port)
    {
        port = 0;
        ref Port free = ref Find(0, 0, out bool isFound);
        if (!isFound || _xen!.AllocateChannel(domain, out uint number) < 0)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        free.Owner = owner;
        free.Number = number;
        free.WasMasked = _sharedInfo!.Mask(number);
        port = number;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Notify(ushort owner, uint port)
    {
        Find(owner, port, out bool isFound);
        return !isFound ? EFI_STATUS.EFI_INVALID_PARAMETER
            : _xen!.Notify(port) < 0 ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS CloseChannel(ushort owner, uint port)
    {
        ref Port found = ref Find(owner, port, out bool isFound);
        if (!isFound)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        long result = _xen!.CloseChannel(port);
        _sharedInfo!.Restore(port, found.WasMasked);
        found = default;
        return result < 0 ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;
    }

    // The end

    protected override void Quiesce()
    {
        if (_isQuiet)
        {
            return;
        }

        _isQuiet = true;
        _store?.EndAll(0);
        _store?.Drain();
        CloseChannels(0);
        _grants?.EndAll(0);
        _grants?.Close();
        if (_store is not null)
        {
            _sharedInfo!.Restore(_storePort, _wasStoreMasked);
        }

        if (_sharedInfo is not null)
        {
            _xen!.Unmap(_sharedPage);
        }
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        _timer = null;
        Quiesce();
        _xen?.Dispose();
        _xen = null;
        _device.RestoreAttributes();
        _driver.OnStopped(this);
    }

    private void CloseChannels(ushort owner)
    {
        foreach (ref Port each in _ports.AsSpan())
        {
            if (each.Owner != 0 && (owner == 0 || each.Owner == owner))
            {
                CloseChannel(each.Owner, each.Number);
            }
        }
    }

    private ref Port Find(ushort owner, uint number, out bool isFound)
    {
        for (int i = 0; i < MaximumPorts; i++)
        {
            if (_ports[i].Owner == owner && _ports[i].Number == number)
            {
                isFound = true;
                return ref _ports[i];
            }
        }

        isFound = false;
        return ref _ports[0];
    }

    private XenBusChild? Find(EFI_HANDLE handle)
    {
        for (XenBusChild? child = _first; child is not null; child = child.Next)
        {
            if (child.Handle == handle)
            {
                return child;
            }
        }

        return null;
    }

    private XenBusChild? Find(ReadOnlySpan<byte> type, uint index)
    {
        for (XenBusChild? child = _first; child is not null; child = child.Next)
        {
            if (child.Index == index && child.Type.SequenceEqual(type))
            {
                return child;
            }
        }

        return null;
    }

    private void Remove(XenBusChild child)
    {
        if (_first == child)
        {
            _first = child.Next;
        }

        for (XenBusChild? each = _first; each is not null; each = each.Next)
        {
            if (each.Next == child)
            {
                each.Next = child.Next;
            }
        }

        child.Free();
        child.Arena.Dispose();
    }

    // Every TYPE/INDEX below `device` in the store; what is no device of ours is passed over.
    private EFI_STATUS StartAll()
    {
        EFI_STATUS status = ReadListing("device"u8, out PoolBuffer<byte> listing);
        using PoolBuffer<byte> types = listing;
        ReadOnlySpan<byte> rest = types.Span;
        while (!status.IsError && TryTakeName(ref rest, out ReadOnlySpan<byte> type))
        {
            status = type.Length is > 0 and <= XenBusPath.MaximumType ? StartType(type) : status;
        }

        return status == EFI_STATUS.EFI_NOT_FOUND ? EFI_STATUS.EFI_SUCCESS : status; // A guest without devices.
    }

    private EFI_STATUS StartType(ReadOnlySpan<byte> type)
    {
        Span<byte> node = stackalloc byte[MaximumNode];
        EFI_STATUS status = ReadListing(NodeOf(type, node), out PoolBuffer<byte> listing);
        using PoolBuffer<byte> indices = listing;
        if (status == EFI_STATUS.EFI_NOT_FOUND || status == EFI_STATUS.EFI_ACCESS_DENIED)
        {
            return EFI_STATUS.EFI_SUCCESS; // It went away meanwhile, or is not ours to see.
        }

        ReadOnlySpan<byte> rest = indices.Span;
        while (!status.IsError && TryTakeName(ref rest, out ReadOnlySpan<byte> name))
        {
            if (XenNumber.TryParse(name, out ulong index) && index <= uint.MaxValue && Find(type, (uint)index) is null)
            {
                status = StartChild(type, (uint)index);
                status = status == EFI_STATUS.EFI_NOT_FOUND ? EFI_STATUS.EFI_SUCCESS : status;
            }
        }

        return status;
    }

    /// <returns>EFI_NOT_FOUND when there is no such device, or none with a backend.</returns>
    private EFI_STATUS StartChild(ReadOnlySpan<byte> type, uint index)
    {
        Span<byte> nodeRoom = stackalloc byte[MaximumNode];
        Span<byte> backendRoom = stackalloc byte[XenBusChild.MaximumBackend];
        Span<byte> digits = stackalloc byte[XenNumber.MaximumDigits];
        if (Find(type, index) is not null)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        int length = NodeOf(type, nodeRoom).Length;
        nodeRoom[length++] = (byte)'/';
        length += XenNumber.Format(index, nodeRoom.Slice(length));
        ReadOnlySpan<byte> node = nodeRoom.Slice(0, length);
        EFI_STATUS status = _store!.Read(0, node, "backend"u8, backendRoom, out int backendLength);
        EFI_STATUS domainStatus = status.IsError ? status : _store.Read(0, node, "backend-id"u8, digits, out length);
        if (status == EFI_STATUS.EFI_TIMEOUT || domainStatus == EFI_STATUS.EFI_TIMEOUT)
        {
            return EFI_STATUS.EFI_TIMEOUT;
        }

        ReadOnlySpan<byte> backend = XenText.Until(backendRoom.Slice(0, Math.Min(backendLength, backendRoom.Length)));
        if (status.IsError || domainStatus.IsError || backend.IsEmpty || backend[0] != '/' ||
            !XenNumber.TryParse(digits.Slice(0, length), out ulong domain) || domain > HighestDomain)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        return Add(type, index, node, backend, (ushort)domain);
    }

    private EFI_STATUS Add(ReadOnlySpan<byte> type, uint index, ReadOnlySpan<byte> node, ReadOnlySpan<byte> backend, ushort domain)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Controller));
        if (path.IsEmpty)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Arena? arena = Arena.TryCreate(0);
        if (arena is null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        XenBusChild? child;
        using (arena.Enter())
        {
            child = XenBusChild.Create(this, arena, NextOwner(), path, type, index, node, backend, domain);
        }

        if (child is null)
        {
            arena.Dispose();
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        child.Next = _first;
        _first = child;
        // Whoever is notified of the new protocols finds the child in its parent's open list.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = child.Install();
        bool isInstalled = !status.IsError;
        if (isInstalled)
        {
            status = _driver.OpenForChild(Controller, child.Handle);
            isInstalled = !status.IsError || child.Uninstall().IsError;
        }

        Firmware.RestoreTpl(tpl);
        if (!isInstalled)
        {
            Remove(child);
        }

        return status;
    }

    // Neither 0, nor 0xFFFF, nor one that a child has: after 65,534 of them the numbers begin again.
    private ushort NextOwner()
    {
        do
        {
            _lastOwner = (ushort)(_lastOwner >= ushort.MaxValue - 1 ? 1 : _lastOwner + 1);
        }
        while (IsOwner(_lastOwner));
        return _lastOwner;
    }

    private bool IsOwner(ushort owner)
    {
        for (XenBusChild? child = _first; child is not null; child = child.Next)
        {
            if (child.Owner == owner)
            {
                return true;
            }
        }

        return false;
    }

    private EFI_STATUS ReadListing(ReadOnlySpan<byte> directory, out PoolBuffer<byte> listing)
    {
        listing = default;
        int size = ListingSize;
        while (true)
        {
            byte* memory = (byte*)Pool.Allocate((nuint)size);
            if (memory == null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            EFI_STATUS status = _store!.List(0, directory, default, new Span<byte>(memory, size), out int length);
            if (!status.IsError)
            {
                listing = new PoolBuffer<byte>(memory, length);
                return status;
            }

            Pool.Free(memory);
            if (status != EFI_STATUS.EFI_BUFFER_TOO_SMALL || length <= size)
            {
                return status;
            }

            size = length;
        }
    }

    private static ReadOnlySpan<byte> NodeOf(ReadOnlySpan<byte> type, Span<byte> room)
    {
        "device/"u8.CopyTo(room);
        type.CopyTo(room.Slice(7));
        return room.Slice(0, 7 + type.Length);
    }

    private static bool TryTakeName(ref ReadOnlySpan<byte> listing, out ReadOnlySpan<byte> name)
    {
        name = XenText.Until(listing);
        bool isName = !listing.IsEmpty;
        listing = listing.Slice(Math.Min(name.Length + 1, listing.Length));
        return isName;
    }
}
