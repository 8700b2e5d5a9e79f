namespace Uefi.Interop.Raw;

/// <summary>The services that end at ExitBootServices. UEFI 2.10, 4.4.1 and 7.</summary>
public unsafe struct EFI_BOOT_SERVICES
{
    public const ulong EFI_BOOT_SERVICES_SIGNATURE = 0x56524553544F4F42;

    public EFI_TABLE_HEADER Hdr;

    // UEFI 2.10, 7.1: task priority
    public delegate* unmanaged<nuint, nuint> RaiseTPL;
    public delegate* unmanaged<nuint, void> RestoreTPL;

    // UEFI 2.10, 7.2: memory
    public delegate* unmanaged<EFI_ALLOCATE_TYPE, EFI_MEMORY_TYPE, nuint, ulong*, EFI_STATUS> AllocatePages;
    public delegate* unmanaged<ulong, nuint, EFI_STATUS> FreePages;

    /// <summary>(MemoryMapSize, MemoryMap, MapKey, DescriptorSize, DescriptorVersion)</summary>
    public delegate* unmanaged<nuint*, EFI_MEMORY_DESCRIPTOR*, nuint*, nuint*, uint*, EFI_STATUS> GetMemoryMap;
    public delegate* unmanaged<EFI_MEMORY_TYPE, nuint, void**, EFI_STATUS> AllocatePool;
    public delegate* unmanaged<void*, EFI_STATUS> FreePool;

    // UEFI 2.10, 7.1: events and timers

    /// <summary>(Type, NotifyTpl, NotifyFunction, NotifyContext, Event)</summary>
    public delegate* unmanaged<uint, nuint, delegate* unmanaged<EFI_EVENT, void*, void>, void*, EFI_EVENT*, EFI_STATUS> CreateEvent;

    /// <summary>(Event, Type, TriggerTime in 100 ns)</summary>
    public delegate* unmanaged<EFI_EVENT, EFI_TIMER_DELAY, ulong, EFI_STATUS> SetTimer;

    /// <summary>(NumberOfEvents, Events, Index)</summary>
    public delegate* unmanaged<nuint, EFI_EVENT*, nuint*, EFI_STATUS> WaitForEvent;
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> SignalEvent;
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> CloseEvent;
    public delegate* unmanaged<EFI_EVENT, EFI_STATUS> CheckEvent;

    // UEFI 2.10, 7.3: protocol handlers
    public delegate* unmanaged<EFI_HANDLE*, EFI_GUID*, EFI_INTERFACE_TYPE, void*, EFI_STATUS> InstallProtocolInterface;
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void*, void*, EFI_STATUS> ReinstallProtocolInterface;
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void*, EFI_STATUS> UninstallProtocolInterface;
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void**, EFI_STATUS> HandleProtocol;
    public void* Reserved;

    /// <summary>(Protocol, Event, Registration)</summary>
    public delegate* unmanaged<EFI_GUID*, EFI_EVENT, void**, EFI_STATUS> RegisterProtocolNotify;

    /// <summary>(SearchType, Protocol, SearchKey, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_LOCATE_SEARCH_TYPE, EFI_GUID*, void*, nuint*, EFI_HANDLE*, EFI_STATUS> LocateHandle;
    public delegate* unmanaged<EFI_GUID*, EFI_DEVICE_PATH_PROTOCOL**, EFI_HANDLE*, EFI_STATUS> LocateDevicePath;
    public delegate* unmanaged<EFI_GUID*, void*, EFI_STATUS> InstallConfigurationTable;

    // UEFI 2.10, 7.4: images

    /// <summary>(BootPolicy, ParentImageHandle, DevicePath, SourceBuffer, SourceSize, ImageHandle)</summary>
    public delegate* unmanaged<byte, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, void*, nuint, EFI_HANDLE*, EFI_STATUS> LoadImage;

    /// <summary>(ImageHandle, ExitDataSize, ExitData)</summary>
    public delegate* unmanaged<EFI_HANDLE, nuint*, char**, EFI_STATUS> StartImage;

    /// <summary>(ImageHandle, ExitStatus, ExitDataSize, ExitData)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS, nuint, char*, EFI_STATUS> Exit;
    public delegate* unmanaged<EFI_HANDLE, EFI_STATUS> UnloadImage;

    /// <summary>(ImageHandle, MapKey)</summary>
    public delegate* unmanaged<EFI_HANDLE, nuint, EFI_STATUS> ExitBootServices;

    // UEFI 2.10, 7.5: miscellaneous
    public delegate* unmanaged<ulong*, EFI_STATUS> GetNextMonotonicCount;

    /// <summary>(Microseconds)</summary>
    public delegate* unmanaged<nuint, EFI_STATUS> Stall;

    /// <summary>(Timeout in seconds or 0 to disable, WatchdogCode, DataSize, WatchdogData)</summary>
    public delegate* unmanaged<nuint, ulong, nuint, char*, EFI_STATUS> SetWatchdogTimer;

    // UEFI 2.10, 7.3: driver support

    /// <summary>(ControllerHandle, DriverImageHandle, RemainingDevicePath, Recursive)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_HANDLE*, EFI_DEVICE_PATH_PROTOCOL*, byte, EFI_STATUS> ConnectController;

    /// <summary>(ControllerHandle, DriverImageHandle, ChildHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_HANDLE, EFI_HANDLE, EFI_STATUS> DisconnectController;

    // UEFI 2.10, 7.3: open and close protocol

    /// <summary>(Handle, Protocol, Interface, AgentHandle, ControllerHandle, Attributes)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, void**, EFI_HANDLE, EFI_HANDLE, uint, EFI_STATUS> OpenProtocol;

    /// <summary>(Handle, Protocol, AgentHandle, ControllerHandle)</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, EFI_HANDLE, EFI_HANDLE, EFI_STATUS> CloseProtocol;

    /// <summary>(Handle, Protocol, EntryBuffer, EntryCount); the caller frees the buffer.</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID*, EFI_OPEN_PROTOCOL_INFORMATION_ENTRY**, nuint*, EFI_STATUS> OpenProtocolInformation;

    // UEFI 2.10, 7.3: library

    /// <summary>(Handle, ProtocolBuffer, ProtocolBufferCount); the caller frees the buffer.</summary>
    public delegate* unmanaged<EFI_HANDLE, EFI_GUID***, nuint*, EFI_STATUS> ProtocolsPerHandle;

    /// <summary>(SearchType, Protocol, SearchKey, NoHandles, Buffer); the caller frees the buffer.</summary>
    public delegate* unmanaged<EFI_LOCATE_SEARCH_TYPE, EFI_GUID*, void*, nuint*, EFI_HANDLE**, EFI_STATUS> LocateHandleBuffer;

    /// <summary>(Protocol, Registration, Interface)</summary>
    public delegate* unmanaged<EFI_GUID*, void*, void**, EFI_STATUS> LocateProtocol;

    /// <summary>Variadic, which C# cannot call: install protocols one by one.</summary>
    public void* InstallMultipleProtocolInterfaces;

    /// <summary>Variadic, which C# cannot call: uninstall protocols one by one.</summary>
    public void* UninstallMultipleProtocolInterfaces;

    // UEFI 2.10, 7.5: CRC, copy, set

    /// <summary>(Data, DataSize, Crc32)</summary>
    public delegate* unmanaged<void*, nuint, uint*, EFI_STATUS> CalculateCrc32;

    /// <summary>(Destination, Source, Length); the ranges may overlap.</summary>
    public delegate* unmanaged<void*, void*, nuint, void> CopyMem;

    /// <summary>(Buffer, Size, Value)</summary>
    public delegate* unmanaged<void*, nuint, byte, void> SetMem;

    /// <summary>(Type, NotifyTpl, NotifyFunction, NotifyContext, EventGroup or null, Event)</summary>
    public delegate* unmanaged<uint, nuint, delegate* unmanaged<EFI_EVENT, void*, void>, void*, EFI_GUID*, EFI_EVENT*, EFI_STATUS>
        CreateEventEx;
}
