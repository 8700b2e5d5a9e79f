namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What memory is used for. UEFI 2.10, 7.2.1.</summary>
public enum EFI_MEMORY_TYPE : uint
{
    /// <summary>Not to be used.</summary>
    EfiReservedMemoryType,

    /// <summary>Code of an application.</summary>
    EfiLoaderCode,

    /// <summary>Data of an application, and what it allocates.</summary>
    EfiLoaderData,

    /// <summary>Code of a boot-service driver; free after ExitBootServices.</summary>
    EfiBootServicesCode,

    /// <summary>Data of a boot-service driver, and what it allocates; free after ExitBootServices.</summary>
    EfiBootServicesData,

    /// <summary>Code of a runtime driver; kept after ExitBootServices.</summary>
    EfiRuntimeServicesCode,

    /// <summary>Data of a runtime driver; kept after ExitBootServices.</summary>
    EfiRuntimeServicesData,

    /// <summary>Free.</summary>
    EfiConventionalMemory,

    /// <summary>Broken.</summary>
    EfiUnusableMemory,

    /// <summary>ACPI tables; free when the system has read them.</summary>
    EfiACPIReclaimMemory,

    /// <summary>For the firmware's use; kept by the system, across sleep as well.</summary>
    EfiACPIMemoryNVS,

    /// <summary>Registers that runtime services need.</summary>
    EfiMemoryMappedIO,

    /// <summary>Registers that the processor turns into I/O cycles.</summary>
    EfiMemoryMappedIOPortSpace,

    /// <summary>Firmware of an Itanium processor.</summary>
    EfiPalCode,

    /// <summary>Free memory that keeps its content without power.</summary>
    EfiPersistentMemory,

    /// <summary>Memory that a confidential guest has to accept before it uses it.</summary>
    EfiUnacceptedMemoryType,

    /// <summary>
    /// No type: the first number that is none. Those from 0x70000000 on belong to OEMs and to loaders of operating systems.
    /// </summary>
    EfiMaxMemoryType,
}
