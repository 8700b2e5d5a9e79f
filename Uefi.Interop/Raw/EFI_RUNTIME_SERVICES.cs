namespace Uefi.Interop.Raw;

/// <summary>The services that an operating system keeps. UEFI 2.10, 4.5.1 and 8.</summary>
public unsafe struct EFI_RUNTIME_SERVICES
{
    public const ulong EFI_RUNTIME_SERVICES_SIGNATURE = 0x56524553544E5552;

    public EFI_TABLE_HEADER Hdr;

    /// <summary>(Time, Capabilities or null)</summary>
    public delegate* unmanaged<EFI_TIME*, EFI_TIME_CAPABILITIES*, EFI_STATUS> GetTime;
    public delegate* unmanaged<EFI_TIME*, EFI_STATUS> SetTime;

    /// <summary>(Enabled, Pending, Time)</summary>
    public delegate* unmanaged<byte*, byte*, EFI_TIME*, EFI_STATUS> GetWakeupTime;

    /// <summary>(Enable, Time or null)</summary>
    public delegate* unmanaged<byte, EFI_TIME*, EFI_STATUS> SetWakeupTime;

    /// <summary>(MemoryMapSize, DescriptorSize, DescriptorVersion, VirtualMap)</summary>
    public delegate* unmanaged<nuint, nuint, uint, EFI_MEMORY_DESCRIPTOR*, EFI_STATUS> SetVirtualAddressMap;

    /// <summary>(DebugDisposition, Address)</summary>
    public delegate* unmanaged<nuint, void**, EFI_STATUS> ConvertPointer;

    /// <summary>(VariableName, VendorGuid, Attributes or null, DataSize, Data)</summary>
    public delegate* unmanaged<char*, EFI_GUID*, uint*, nuint*, void*, EFI_STATUS> GetVariable;

    /// <summary>(VariableNameSize, VariableName, VendorGuid)</summary>
    public delegate* unmanaged<nuint*, char*, EFI_GUID*, EFI_STATUS> GetNextVariableName;

    /// <summary>(VariableName, VendorGuid, Attributes, DataSize, Data)</summary>
    public delegate* unmanaged<char*, EFI_GUID*, uint, nuint, void*, EFI_STATUS> SetVariable;
    public delegate* unmanaged<uint*, EFI_STATUS> GetNextHighMonotonicCount;

    /// <summary>(ResetType, ResetStatus, DataSize, ResetData); does not return.</summary>
    public delegate* unmanaged<EFI_RESET_TYPE, EFI_STATUS, nuint, void*, void> ResetSystem;

    /// <summary>(CapsuleHeaderArray, CapsuleCount, ScatterGatherList)</summary>
    public delegate* unmanaged<void**, nuint, ulong, EFI_STATUS> UpdateCapsule;

    /// <summary>(CapsuleHeaderArray, CapsuleCount, MaximumCapsuleSize, ResetType)</summary>
    public delegate* unmanaged<void**, nuint, ulong*, EFI_RESET_TYPE*, EFI_STATUS> QueryCapsuleCapabilities;

    /// <summary>(Attributes, MaximumVariableStorageSize, RemainingVariableStorageSize, MaximumVariableSize)</summary>
    public delegate* unmanaged<uint, ulong*, ulong*, ulong*, EFI_STATUS> QueryVariableInfo;
}
