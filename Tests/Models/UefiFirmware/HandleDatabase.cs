using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// Handles, the protocols on them, and who has opened which (UEFI 2.10, 7.3). The value of a handle is never used again, so that one
/// that is gone is always recognised.
/// </summary>
internal sealed unsafe class HandleDatabase(SimulatedFirmware firmware)
{
    private const uint ByHandleProtocol = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL;
    private const uint GetProtocol = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_GET_PROTOCOL;
    private const uint TestProtocol = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_TEST_PROTOCOL;
    private const uint ByChildController = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    private const uint ByDriver = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER;
    private const uint Exclusive = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE;

    private sealed class Entry(nint value)
    {
        public readonly EFI_HANDLE Handle = new(value);
        public readonly List<Instance> Instances = [];
    }

    private sealed class Instance(EFI_GUID guid, void* @interface)
    {
        public readonly EFI_GUID Guid = guid;
        public void* Interface = @interface;
        public readonly List<Opening> Openings = [];
    }

    private sealed class Registration(EFI_GUID guid, SimulatedEvent target)
    {
        public readonly EFI_GUID Guid = guid;
        public readonly SimulatedEvent Event = target;
        public readonly Queue<EFI_HANDLE> News = new();
    }

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<nint, Entry> _byValue = [];
    private readonly Dictionary<nint, Registration> _registrations = [];
    private readonly Dictionary<EFI_GUID, nint> _guids = [];
    private nint _nextHandle = 0x0A00_0010;
    private nint _nextRegistration = 0x0B00_0010;

    public int Count => _entries.Count;

    public bool IsValid(EFI_HANDLE handle) => _byValue.ContainsKey(handle.Value);

    private Entry? Find(EFI_HANDLE handle) => _byValue.GetValueOrDefault(handle.Value);

    private Instance? Find(EFI_HANDLE handle, EFI_GUID guid) => Find(handle)?.Instances.Find(each => each.Guid == guid);

    /// <summary>The interface on a handle, without opening it; null when the protocol is not there.</summary>
    public void* Get(EFI_HANDLE handle, EFI_GUID guid)
    {
        Instance? instance = Find(handle, guid);
        return instance is null ? null : instance.Interface;
    }

    public bool Has(EFI_HANDLE handle, EFI_GUID guid) => Find(handle, guid) is not null;

    public IReadOnlyList<EFI_HANDLE> With(EFI_GUID guid) =>
        [.. _entries.Where(each => each.Instances.Exists(instance => instance.Guid == guid)).Select(each => each.Handle)];

    /// <summary>All openings of all protocols on a handle.</summary>
    public IReadOnlyList<Opening> Openings(EFI_HANDLE handle) =>
        Find(handle) is { } entry ? [.. entry.Instances.SelectMany(each => each.Openings)] : [];

    /// <summary>The openings of one protocol on a handle.</summary>
    public IReadOnlyList<Opening> Openings(EFI_HANDLE handle, EFI_GUID guid) => Find(handle, guid) is { } found ? [.. found.Openings] : [];

    /// <summary>Every opening, wherever it is, that its owner has to close one day.</summary>
    public IReadOnlyList<Opening> HeldOpenings =>
        [.. _entries.SelectMany(each => each.Instances).SelectMany(each => each.Openings).Where(each => each.IsHeld)];

    // UEFI 2.10, 7.3.2 to 7.3.4: installing

    public EFI_STATUS Install(EFI_HANDLE* handle, EFI_GUID* guid, EFI_INTERFACE_TYPE type, void* @interface)
    {
        if (handle == null || guid == null || type != EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE ||
            (!handle->IsNull && (!IsValid(*handle) || Has(*handle, *guid))))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (handle->IsNull)
        {
            Entry created = new(_nextHandle);
            _nextHandle += 0x10;
            _entries.Add(created);
            _byValue.Add(created.Handle.Value, created);
            *handle = created.Handle;
        }

        Find(*handle)!.Instances.Add(new Instance(*guid, @interface));
        Announce(*handle, *guid);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Reinstall(EFI_HANDLE handle, EFI_GUID* guid, void* old, void* @new)
    {
        if (!IsValid(handle) || guid == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_GUID protocol = *guid;
        if (Find(handle, protocol) is not { } instance || instance.Interface != old)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_STATUS status = TakeFromUsers(handle, instance);
        if (status.IsError)
        {
            return status;
        }

        instance.Interface = @new;
        Announce(handle, protocol);
        firmware.Connector.Connect(handle, null, null, recursive: true);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Uninstall(EFI_HANDLE handle, EFI_GUID* guid, void* @interface)
    {
        if (!IsValid(handle) || guid == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (Find(handle, *guid) is not { } instance || instance.Interface != @interface)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_STATUS status = TakeFromUsers(handle, instance);
        if (status.IsError)
        {
            return status;
        }

        Entry entry = Find(handle)!;
        entry.Instances.Remove(instance);
        if (entry.Instances.Count == 0)
        {
            Remove(entry);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    // The drivers are disconnected; who only looked loses its entry; whoever is left refuses, and the drivers come back.
    private EFI_STATUS TakeFromUsers(EFI_HANDLE handle, Instance instance)
    {
        while (instance.Openings.Find(each => (each.Attributes & ByDriver) != 0) is { } opening)
        {
            EFI_STATUS status = firmware.Connector.Disconnect(handle, opening.Agent, default);
            if (status.IsError || instance.Openings.Contains(opening))
            {
                break;
            }
        }

        if (!instance.Openings.Exists(each => each.IsHeld))
        {
            instance.Openings.Clear();
            return EFI_STATUS.EFI_SUCCESS;
        }

        firmware.Connector.Connect(handle, null, null, recursive: true);
        return EFI_STATUS.EFI_ACCESS_DENIED;
    }

    private void Remove(Entry entry)
    {
        _entries.Remove(entry);
        _byValue.Remove(entry.Handle.Value);
        foreach (Opening opening in HeldOpenings.Where(each => each.Agent == entry.Handle || each.Controller == entry.Handle))
        {
            firmware.Violate($"The handle {entry.Handle.Value:x} is gone, and still has this open: {opening}");
        }

        // Who only looked: real firmware leaves such entries behind, which nobody will ever look at.
        foreach (Instance instance in _entries.SelectMany(each => each.Instances))
        {
            instance.Openings.RemoveAll(each => !each.IsHeld && (each.Agent == entry.Handle || each.Controller == entry.Handle));
        }
    }

    // UEFI 2.10, 7.3.5: notification

    public EFI_STATUS Register(EFI_GUID* guid, EFI_EVENT handle, void** registration)
    {
        if (guid == null || registration == null || firmware.Events.Find(handle) is not { } target)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        _registrations.Add(_nextRegistration, new Registration(*guid, target));
        *registration = (void*)_nextRegistration;
        _nextRegistration += 0x10;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public void ForgetEvent(SimulatedEvent target)
    {
        foreach (KeyValuePair<nint, Registration> each in _registrations.Where(each => each.Value.Event == target).ToList())
        {
            _registrations.Remove(each.Key);
        }
    }

    private void Announce(EFI_HANDLE handle, EFI_GUID guid)
    {
        foreach (Registration each in _registrations.Values.Where(each => each.Guid == guid).ToList())
        {
            each.News.Enqueue(handle);
            firmware.Events.Signal(each.Event);
        }
    }

    private EFI_HANDLE NextOf(void* registration, bool take)
    {
        if (!_registrations.TryGetValue((nint)registration, out Registration? found))
        {
            return default;
        }

        while (found.News.TryPeek(out EFI_HANDLE handle))
        {
            if (Has(handle, found.Guid))
            {
                return take ? found.News.Dequeue() : handle;
            }

            found.News.Dequeue();
        }

        return default;
    }

    // UEFI 2.10, 7.3.6, 7.3.8, 7.3.14 to 7.3.16: finding

    public EFI_STATUS Locate(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID* guid, void* key, out IReadOnlyList<EFI_HANDLE> found)
    {
        found = [];
        switch (how)
        {
            case EFI_LOCATE_SEARCH_TYPE.AllHandles:
                found = [.. _entries.Select(each => each.Handle)];
                break;
            case EFI_LOCATE_SEARCH_TYPE.ByProtocol when guid != null:
                found = With(*guid);
                break;
            case EFI_LOCATE_SEARCH_TYPE.ByRegisterNotify when key != null:
                EFI_HANDLE next = NextOf(key, take: false);
                found = next.IsNull ? [] : [next];
                break;
            default:
                return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return found.Count == 0 ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Locate(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID* guid, void* key, nuint* size, EFI_HANDLE* buffer)
    {
        if (size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = Locate(how, guid, key, out IReadOnlyList<EFI_HANDLE> found);
        if (status.IsError)
        {
            return status;
        }

        nuint given = *size;
        *size = (nuint)found.Count * (nuint)sizeof(EFI_HANDLE);
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (buffer == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Take(how, key);
        Copy(found, buffer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS LocateBuffer(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID* guid, void* key, nuint* count, EFI_HANDLE** buffer)
    {
        if (count == null || buffer == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *count = 0;
        *buffer = null;
        EFI_STATUS status = Locate(how, guid, key, out IReadOnlyList<EFI_HANDLE> found);
        if (status.IsError)
        {
            return status;
        }

        EFI_HANDLE* memory;
        status = firmware.Memory.AllocatePool(
            EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)(found.Count * sizeof(EFI_HANDLE)), (void**)&memory);
        if (status.IsError)
        {
            return status;
        }

        Take(how, key);
        Copy(found, memory);
        *buffer = memory;
        *count = (nuint)found.Count;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Take(EFI_LOCATE_SEARCH_TYPE how, void* key)
    {
        if (how == EFI_LOCATE_SEARCH_TYPE.ByRegisterNotify)
        {
            NextOf(key, take: true);
        }
    }

    private static void Copy(IReadOnlyList<EFI_HANDLE> handles, EFI_HANDLE* to)
    {
        for (int i = 0; i < handles.Count; i++)
        {
            to[i] = handles[i];
        }
    }

    public EFI_STATUS LocateProtocol(EFI_GUID* guid, void* registration, void** @interface)
    {
        if (@interface == null || (guid == null && registration == null))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *@interface = null;
        if (registration == null)
        {
            Instance? first = _entries.SelectMany(each => each.Instances).FirstOrDefault(each => each.Guid == *guid);
            *@interface = first is null ? null : first.Interface;
            return first is null ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_SUCCESS;
        }

        EFI_HANDLE next = NextOf(registration, take: true);
        if (next.IsNull)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        *@interface = Get(next, _registrations[(nint)registration].Guid);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS LocateDevicePath(EFI_GUID* guid, EFI_DEVICE_PATH_PROTOCOL** path, EFI_HANDLE* device)
    {
        if (guid == null || path == null || *path == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ReadOnlySpan<byte> wanted = SimulatedPath.Nodes(*path);
        int longest = -1;
        EFI_HANDLE best = default;
        foreach (EFI_HANDLE each in With(*guid))
        {
            EFI_DEVICE_PATH_PROTOCOL* its = (EFI_DEVICE_PATH_PROTOCOL*)Get(each, EFI_DEVICE_PATH_PROTOCOL.Guid);
            if (its != null && SimulatedPath.Nodes(its) is var nodes && nodes.Length > longest && wanted.StartsWith(nodes))
            {
                longest = nodes.Length;
                best = each;
            }
        }

        if (best.IsNull)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        if (device == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *device = best;
        *path = (EFI_DEVICE_PATH_PROTOCOL*)((byte*)*path + longest);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS ProtocolsPerHandle(EFI_HANDLE handle, EFI_GUID*** buffer, nuint* count)
    {
        if (Find(handle) is not { } entry || buffer == null || count == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *count = 0;
        EFI_GUID** list;
        EFI_STATUS status = firmware.Memory.AllocatePool(
            EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)(entry.Instances.Count * sizeof(nint)), (void**)&list);
        if (status.IsError)
        {
            return status;
        }

        for (int i = 0; i < entry.Instances.Count; i++)
        {
            list[i] = AddressOf(entry.Instances[i].Guid);
        }

        *buffer = list;
        *count = (nuint)entry.Instances.Count;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_GUID* AddressOf(EFI_GUID guid)
    {
        if (!_guids.TryGetValue(guid, out nint address))
        {
            EFI_GUID* copy = firmware.Allocate<EFI_GUID>();
            *copy = guid;
            address = (nint)copy;
            _guids.Add(guid, address);
        }

        return (EFI_GUID*)address;
    }

    // UEFI 2.10, 7.3.7, 7.3.9 to 7.3.11: opening

    public EFI_STATUS Open(EFI_HANDLE handle, EFI_GUID* guid, void** @interface, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes)
    {
        if (guid == null || (@interface == null && attributes != TestProtocol) || !IsValid(handle) ||
            !AreValid(handle, agent, controller, attributes))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Instance? instance = Find(handle, *guid);
        EFI_STATUS status = instance is null
            ? EFI_STATUS.EFI_UNSUPPORTED
            : Open(handle, instance, agent, controller, attributes);
        if (attributes != TestProtocol)
        {
            bool isGiven = status.IsSuccess || status == EFI_STATUS.EFI_ALREADY_STARTED;
            if (isGiven)
            {
                *@interface = instance!.Interface;
            }
            else if (instance is null)
            {
                *@interface = null;
            }
        }

        return status;
    }

    private bool AreValid(EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes) => attributes switch
    {
        ByHandleProtocol or GetProtocol or TestProtocol => agent.IsNull || IsValid(agent),
        ByChildController => IsValid(agent) && IsValid(controller) && controller != handle,
        ByDriver or (ByDriver | Exclusive) => IsValid(agent) && IsValid(controller),
        Exclusive => IsValid(agent),
        _ => false,
    };

    private EFI_STATUS Open(EFI_HANDLE handle, Instance instance, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes)
    {
        Opening? same = instance.Openings.Find(
            each => each.Agent == agent && each.Controller == controller && each.Attributes == attributes);
        if (same is not null && (attributes & ByDriver) != 0)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        if (same is not null && attributes != Exclusive)
        {
            same.Count++;
            return EFI_STATUS.EFI_SUCCESS;
        }

        bool isExclusive = instance.Openings.Exists(each => (each.Attributes & Exclusive) != 0);
        bool isDriven = instance.Openings.Exists(each => (each.Attributes & ByDriver) != 0);
        if ((attributes & (ByDriver | Exclusive)) != 0 && (isExclusive || (isDriven && attributes == ByDriver)))
        {
            return EFI_STATUS.EFI_ACCESS_DENIED;
        }

        if ((attributes & Exclusive) != 0)
        {
            while (instance.Openings.Find(each => (each.Attributes & ByDriver) != 0) is { } driver)
            {
                EFI_STATUS status = firmware.Connector.Disconnect(handle, driver.Agent, default);
                if (status.IsError || instance.Openings.Contains(driver))
                {
                    return EFI_STATUS.EFI_ACCESS_DENIED;
                }
            }
        }

        if (!agent.IsNull)
        {
            instance.Openings.Add(new Opening(handle, instance.Guid, agent, controller, attributes));
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Close(EFI_HANDLE handle, EFI_GUID* guid, EFI_HANDLE agent, EFI_HANDLE controller)
    {
        if (!IsValid(handle) || !IsValid(agent) || (!controller.IsNull && !IsValid(controller)) || guid == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int? removed = Find(handle, *guid)?.Openings.RemoveAll(each => each.Agent == agent && each.Controller == controller);
        return removed > 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_FOUND;
    }

    public EFI_STATUS Information(EFI_HANDLE handle, EFI_GUID* guid, EFI_OPEN_PROTOCOL_INFORMATION_ENTRY** buffer, nuint* count)
    {
        if (!IsValid(handle) || guid == null || buffer == null || count == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *buffer = null;
        *count = 0;
        if (Find(handle, *guid) is not { } instance)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_OPEN_PROTOCOL_INFORMATION_ENTRY* list;
        EFI_STATUS status = firmware.Memory.AllocatePool(
            EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)(instance.Openings.Count * sizeof(EFI_OPEN_PROTOCOL_INFORMATION_ENTRY)),
            (void**)&list);
        if (status.IsError)
        {
            return status;
        }

        for (int i = 0; i < instance.Openings.Count; i++)
        {
            list[i] = instance.Openings[i].Entry;
        }

        *buffer = list;
        *count = (nuint)instance.Openings.Count;
        return EFI_STATUS.EFI_SUCCESS;
    }
}
