namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The services that end at ExitBootServices. UEFI 2.10, 4.4.1 and 7.</summary>
public unsafe struct EFI_BOOT_SERVICES
{
    /// <summary>"BOOTSERV", as Hdr.Signature.</summary>
    public const ulong EFI_BOOT_SERVICES_SIGNATURE = 0x56524553544F4F42;

    /// <summary>Signature, revision, size and checksum of this table.</summary>
    public EFI_TABLE_HEADER Hdr;

    // UEFI 2.10, 7.1: task priority

    /// <summary>Raises the task priority level and answers the one before. (NewTpl, not below the present one)</summary>
    public delegate* unmanaged<nuint, nuint> RaiseTPL;

    /// <summary>Goes back to a level, and runs what became ready above it. (OldTpl, which RaiseTPL answered)</summary>
    public delegate* unmanaged<nuint, void> RestoreTPL;

    // UEFI 2.10, 7.2: memory

    /// <summary>
    /// Allocates whole pages of 4 KiB. (Type, MemoryType, Pages, Memory: the address, in for AllocateMaxAddress and AllocateAddress, and
    /// out)
    /// </summary>
    public delegate* unmanaged<EFI_ALLOCATE_TYPE, EFI_MEMORY_TYPE, nuint, ulong*, EFI_STATUS> AllocatePages;

    /// <summary>Frees pages that AllocatePages gave. (Memory, Pages)</summary>
    public delegate* unmanaged<ulong, nuint, EFI_STATUS> FreePages;

    /// <summary>
    /// The memory map, in a buffer of the caller's; EFI_BUFFER_TOO_SMALL tells the size that it takes. MapKey is for ExitBootServices.
    /// (MemoryMapSize, MemoryMap, MapKey, DescriptorSize, DescriptorVersion)
    /// </summary>
    public delegate* unmanaged<nuint*, EFI_MEMORY_DESCRIPTOR*, nuint*, nuint*, uint*, EFI_STATUS> GetMemoryMap;

    /// <summary>Allocates bytes, at an address that is a multiple of 8. (PoolType, Size, Buffer)</summary>
    public delegate* unmanaged<EFI_MEMORY_TYPE, nuint, void**, EFI_STATUS> AllocatePool;

    /// <summary>Frees what AllocatePool gave, or what firmware made for the caller to free. (Buffer)</summary>
    public delegate* unmanaged<void*, EFI_STATUS> FreePool;

    // UEFI 2.10, 7.1: events and timers

    /// <summary>
    /// Makes an event. NotifyFunction may be null for a type without notification. (Type, NotifyTpl, NotifyFunction, NotifyContext, Event)
    /// </summary>
    public delegate* unmanaged<uint, nuint, delegate* unmanaged<EFI_EVENT, void*, void>, void*, EFI_EVENT*, EFI_STATUS> CreateEvent;

    /// <summary>
    /// Sets or cancels the time at which a timer event is signalled; TriggerTime 0 is the next tick. (Event, Type, TriggerTime in 100 ns)
    /// </summary>
    public delegate* unmanaged<EFI_EVENT, EFI_TIMER_DELAY, ulong, EFI_STATUS> SetTimer;

    /// <summary>
    /// Waits until one of the events is signalled, and takes its signal; at TPL_APPLICATION only. Index says which. (NumberOfEvents,
    /// Events, Index)
    /// </summary>
    public delegate* unmanaged<nuint, EFI_EVENT*, nuint*, EFI_STATUS> WaitForEvent;

    /// <summary>Signals an event, and all events of its group. (Event)</summary>
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> SignalEvent;

    /// <summary>Ends an event; its notification is not called any more. (Event)</summary>
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> CloseEvent;

    /// <summary>EFI_SUCCESS for an event that is signalled, whose signal is taken, otherwise EFI_NOT_READY. (Event)</summary>
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> CheckEvent;

    // UEFI 2.10, 7.3: protocol handlers

    /// <summary>
    /// Installs an interface. (Handle, where null is made a new one, Protocol, InterfaceType, Interface, which may be null)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE*, EFI_GUID*, EFI_INTERFACE_TYPE, void*, EFI_STATUS> InstallProtocolInterface;

    /// <summary>
    /// Puts another interface in the old one's place, and connects drivers again. (Handle, Protocol, OldInterface, NewInterface)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void*, void*, EFI_STATUS> ReinstallProtocolInterface;

    /// <summary>
    /// Takes an interface away; EFI_ACCESS_DENIED while a driver does not let go of it. The handle goes with its last one. (Handle,
    /// Protocol, Interface)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void*, EFI_STATUS> UninstallProtocolInterface;

    /// <summary>
    /// The interface of a protocol on a handle, or EFI_UNSUPPORTED; <see cref="OpenProtocol"/> says who uses it, too. (Handle, Protocol,
    /// Interface)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void**, EFI_STATUS> HandleProtocol;

    /// <summary>Null.</summary>
    public void* Reserved;

    /// <summary>
    /// Has an event signalled whenever a protocol is installed. Registration is the key for LocateHandle. (Protocol, Event, Registration)
    /// </summary>
    public delegate* unmanaged<EFI_GUID*, EFI_EVENT, void**, EFI_STATUS> RegisterProtocolNotify;

    /// <summary>
    /// The handles that carry a protocol, in a buffer of the caller's, whose size is in bytes. (SearchType, Protocol, SearchKey,
    /// BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_LOCATE_SEARCH_TYPE, EFI_GUID*, void*, nuint*, EFI_HANDLE*, EFI_STATUS> LocateHandle;

    /// <summary>
    /// The handle with the protocol whose device path is the longest beginning of a path. (Protocol, DevicePath: moved to what is left,
    /// Device)
    /// </summary>
    public delegate* unmanaged<EFI_GUID*, EFI_DEVICE_PATH_PROTOCOL**, EFI_HANDLE*, EFI_STATUS> LocateDevicePath;

    /// <summary>Adds, changes or, with null, removes a configuration table. (Guid, Table)</summary>
    public delegate* unmanaged<EFI_GUID*, void*, EFI_STATUS> InstallConfigurationTable;

    // UEFI 2.10, 7.4: images

    /// <summary>
    /// Loads an image from a device path, or from SourceBuffer when that is not null. EFI_SECURITY_VIOLATION: it is loaded, and is not to
    /// be started. (BootPolicy, ParentImageHandle, DevicePath, SourceBuffer, SourceSize, ImageHandle)
    /// </summary>
    public delegate* unmanaged<byte, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, void*, nuint, EFI_HANDLE*, EFI_STATUS> LoadImage;

    /// <summary>
    /// Calls an image's entry point, and returns what it ended with. ExitData may be null; else the caller frees it. (ImageHandle,
    /// ExitDataSize, ExitData)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, nuint*, char**, EFI_STATUS> StartImage;

    /// <summary>
    /// Ends an image, from within; or takes one out of memory that was never started. ExitData is in pool. (ImageHandle, ExitStatus,
    /// ExitDataSize, ExitData)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS, nuint, char*, EFI_STATUS> Exit;

    /// <summary>Takes an image out of memory, if its own Unload agrees. (ImageHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS> UnloadImage;

    /// <summary>
    /// Ends the boot services: memory is the caller's. EFI_INVALID_PARAMETER when MapKey is not that of the present map. (ImageHandle,
    /// MapKey)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, nuint, EFI_STATUS> ExitBootServices;

    // UEFI 2.10, 7.5: miscellaneous

    /// <summary>A number that no call before answered, across resets too. (Count)</summary>
    public delegate* unmanaged<ulong*, EFI_STATUS> GetNextMonotonicCount;

    /// <summary>Waits, busy. (Microseconds)</summary>
    public delegate* unmanaged<nuint, EFI_STATUS> Stall;

    /// <summary>
    /// Has the machine reset unless this is called again in time. (Timeout in seconds or 0 to disable, WatchdogCode, DataSize,
    /// WatchdogData)
    /// </summary>
    public delegate* unmanaged<nuint, ulong, nuint, char*, EFI_STATUS> SetWatchdogTimer;

    // UEFI 2.10, 7.3: driver support

    /// <summary>
    /// Has drivers started on a controller. DriverImageHandle is null or a list that ends with null; RemainingDevicePath may be null.
    /// (ControllerHandle, DriverImageHandle, RemainingDevicePath, Recursive)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_HANDLE*, EFI_DEVICE_PATH_PROTOCOL*, byte, EFI_STATUS> ConnectController;

    /// <summary>
    /// Has drivers stopped: all when DriverImageHandle is null, for all children when ChildHandle is null. (ControllerHandle,
    /// DriverImageHandle, ChildHandle)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_HANDLE, EFI_HANDLE, EFI_STATUS> DisconnectController;

    // UEFI 2.10, 7.3: open and close protocol

    /// <summary>
    /// The interface of a protocol on a handle, and a note of who uses it for which controller. (Handle, Protocol, Interface, AgentHandle,
    /// ControllerHandle, Attributes)
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void**, EFI_HANDLE, EFI_HANDLE, uint, EFI_STATUS> OpenProtocol;

    /// <summary>Removes the note of <see cref="OpenProtocol"/>. (Handle, Protocol, AgentHandle, ControllerHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, EFI_HANDLE, EFI_HANDLE, EFI_STATUS> CloseProtocol;

    /// <summary>Who has a protocol of a handle open. (Handle, Protocol, EntryBuffer, EntryCount); the caller frees the buffer.</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, EFI_OPEN_PROTOCOL_INFORMATION_ENTRY**, nuint*, EFI_STATUS> OpenProtocolInformation;

    // UEFI 2.10, 7.3: library

    /// <summary>
    /// The GUIDs of the protocols on a handle. (Handle, ProtocolBuffer, ProtocolBufferCount); the caller frees the buffer.
    /// </summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID***, nuint*, EFI_STATUS> ProtocolsPerHandle;

    /// <summary>
    /// As <see cref="LocateHandle"/>, in a buffer that firmware allocates. (SearchType, Protocol, SearchKey, NoHandles, Buffer); the caller
    /// frees the buffer.
    /// </summary>
    public delegate* unmanaged<EFI_LOCATE_SEARCH_TYPE, EFI_GUID*, void*, nuint*, EFI_HANDLE**, EFI_STATUS> LocateHandleBuffer;

    /// <summary>
    /// The first interface of a protocol, on whatever handle; the first new one since, when Registration is not null. (Protocol,
    /// Registration, Interface)
    /// </summary>
    public delegate* unmanaged<EFI_GUID*, void*, void**, EFI_STATUS> LocateProtocol;

    /// <summary>Variadic, which C# cannot call: install protocols one by one.</summary>
    public void* InstallMultipleProtocolInterfaces;

    /// <summary>Variadic, which C# cannot call: uninstall protocols one by one.</summary>
    public void* UninstallMultipleProtocolInterfaces;

    // UEFI 2.10, 7.5: CRC, copy, set

    /// <summary>The CRC-32 of a range (that of IEEE 802.3). (Data, DataSize, Crc32)</summary>
    public delegate* unmanaged<void*, nuint, uint*, EFI_STATUS> CalculateCrc32;

    /// <summary>Copies bytes. (Destination, Source, Length); the ranges may overlap.</summary>
    public delegate* unmanaged<void*, void*, nuint, void> CopyMem;

    /// <summary>Fills bytes. (Buffer, Size, Value)</summary>
    public delegate* unmanaged<void*, nuint, byte, void> SetMem;

    /// <summary>
    /// Makes an event that may be in a group: signalling one of a group signals all. (Type, NotifyTpl, NotifyFunction, NotifyContext,
    /// EventGroup or null, Event)
    /// </summary>
    public delegate* unmanaged<uint, nuint, delegate* unmanaged<EFI_EVENT, void*, void>, void*, EFI_GUID*, EFI_EVENT*, EFI_STATUS>
        CreateEventEx;
}
