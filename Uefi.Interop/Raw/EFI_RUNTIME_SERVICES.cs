namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The services that an operating system keeps. UEFI 2.10, 4.5.1 and 8.</summary>
public unsafe struct EFI_RUNTIME_SERVICES
{
    /// <summary>"RUNTSERV", as Hdr.Signature.</summary>
    public const ulong EFI_RUNTIME_SERVICES_SIGNATURE = 0x56524553544E5552;

    /// <summary>Signature, revision, size and checksum of this table.</summary>
    public EFI_TABLE_HEADER Hdr;

    /// <summary>The time of the real-time clock. (Time, Capabilities or null)</summary>
    public delegate* unmanaged<EFI_TIME*, EFI_TIME_CAPABILITIES*, EFI_STATUS> GetTime;

    /// <summary>Sets the real-time clock. (Time)</summary>
    public delegate* unmanaged<EFI_TIME*, EFI_STATUS> SetTime;

    /// <summary>When the machine wakes. Enabled and Pending are BOOLEANs. (Enabled, Pending, Time)</summary>
    public delegate* unmanaged<byte*, byte*, EFI_TIME*, EFI_STATUS> GetWakeupTime;

    /// <summary>Sets or clears when the machine wakes. Enable is a BOOLEAN. (Enable, Time or null)</summary>
    public delegate* unmanaged<byte, EFI_TIME*, EFI_STATUS> SetWakeupTime;

    /// <summary>
    /// Moves the runtime services to the system's virtual addresses; once, after ExitBootServices. (MemoryMapSize, DescriptorSize,
    /// DescriptorVersion, VirtualMap)
    /// </summary>
    public delegate* unmanaged<nuint, nuint, uint, EFI_MEMORY_DESCRIPTOR*, EFI_STATUS> SetVirtualAddressMap;

    /// <summary>
    /// Makes a pointer virtual, during SetVirtualAddressMap. DebugDisposition 1: null stays null. (DebugDisposition, Address)
    /// </summary>
    public delegate* unmanaged<nuint, void**, EFI_STATUS> ConvertPointer;

    /// <summary>
    /// A variable's value; EFI_BUFFER_TOO_SMALL tells the size that it takes. (VariableName, VendorGuid, Attributes or null, DataSize,
    /// Data)
    /// </summary>
    public delegate* unmanaged<char*, EFI_GUID*, uint*, nuint*, void*, EFI_STATUS> GetVariable;

    /// <summary>
    /// The variable behind one, an empty name for the first; EFI_NOT_FOUND at the end. Sizes are in bytes, with the zero.
    /// (VariableNameSize, VariableName, VendorGuid)
    /// </summary>
    public delegate* unmanaged<nuint*, char*, EFI_GUID*, EFI_STATUS> GetNextVariableName;

    /// <summary>Sets a variable, or removes it when DataSize is 0. (VariableName, VendorGuid, Attributes, DataSize, Data)</summary>
    public delegate* unmanaged<char*, EFI_GUID*, uint, nuint, void*, EFI_STATUS> SetVariable;

    /// <summary>Raises the upper 32 bits of the monotonic counter, and answers them. (HighCount)</summary>
    public delegate* unmanaged<uint*, EFI_STATUS> GetNextHighMonotonicCount;

    /// <summary>
    /// Resets the machine or switches it off. ResetData is a text, ended by a zero, or null. (ResetType, ResetStatus, DataSize, ResetData);
    /// does not return.
    /// </summary>
    public delegate* unmanaged<EFI_RESET_TYPE, EFI_STATUS, nuint, void*, void> ResetSystem;

    /// <summary>
    /// Gives capsules to the firmware, now or, through a list in memory, after a reset. (CapsuleHeaderArray, CapsuleCount,
    /// ScatterGatherList)
    /// </summary>
    public delegate* unmanaged<void**, nuint, ulong, EFI_STATUS> UpdateCapsule;

    /// <summary>
    /// Whether UpdateCapsule would take capsules, how large they may be, and which reset they need. (CapsuleHeaderArray, CapsuleCount,
    /// MaximumCapsuleSize, ResetType)
    /// </summary>
    public delegate* unmanaged<void**, nuint, ulong*, EFI_RESET_TYPE*, EFI_STATUS> QueryCapsuleCapabilities;

    /// <summary>
    /// How much room there is for variables with such attributes, in bytes. (Attributes, MaximumVariableStorageSize,
    /// RemainingVariableStorageSize, MaximumVariableSize)
    /// </summary>
    public delegate* unmanaged<uint, ulong*, ulong*, ulong*, EFI_STATUS> QueryVariableInfo;
}
