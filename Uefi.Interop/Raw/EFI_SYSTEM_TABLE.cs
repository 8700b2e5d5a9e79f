namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The table that every image gets: consoles, services, configuration tables. UEFI 2.10, 4.3.1.</summary>
public unsafe struct EFI_SYSTEM_TABLE
{
    /// <summary>"IBI SYST", as Hdr.Signature.</summary>
    public const ulong EFI_SYSTEM_TABLE_SIGNATURE = 0x5453595320494249;

    /// <summary>Hdr.Revision of UEFI 2.10.</summary>
    public const uint EFI_2_100_SYSTEM_TABLE_REVISION = (2 << 16) | 100;

    /// <summary>Hdr.Revision of UEFI 2.7.</summary>
    public const uint EFI_2_70_SYSTEM_TABLE_REVISION = (2 << 16) | 70;

    /// <summary>Hdr.Revision of UEFI 2.0.</summary>
    public const uint EFI_2_00_SYSTEM_TABLE_REVISION = 2 << 16;

    /// <summary>Signature, revision, size and checksum of this table.</summary>
    public EFI_TABLE_HEADER Hdr;

    /// <summary>Who made the firmware, ended by a zero.</summary>
    public char* FirmwareVendor;

    /// <summary>The vendor's own version of it.</summary>
    public uint FirmwareRevision;

    /// <summary>The handle of ConIn, or null.</summary>
    public EFI_HANDLE ConsoleInHandle;

    /// <summary>The console's keyboard; null when there is none.</summary>
    public EFI_SIMPLE_TEXT_INPUT_PROTOCOL* ConIn;

    /// <summary>The handle of ConOut, or null.</summary>
    public EFI_HANDLE ConsoleOutHandle;

    /// <summary>The console's screen; null when there is none.</summary>
    public EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* ConOut;

    /// <summary>The handle of StdErr, or null.</summary>
    public EFI_HANDLE StandardErrorHandle;

    /// <summary>The screen for errors; null when there is none.</summary>
    public EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* StdErr;

    /// <summary>Never null.</summary>
    public EFI_RUNTIME_SERVICES* RuntimeServices;

    /// <summary>Null after ExitBootServices, as are the consoles.</summary>
    public EFI_BOOT_SERVICES* BootServices;

    /// <summary>How many configuration tables there are.</summary>
    public nuint NumberOfTableEntries;

    /// <summary>The first of NumberOfTableEntries; null when there are none. It moves when one is added.</summary>
    public EFI_CONFIGURATION_TABLE* ConfigurationTable;
}
