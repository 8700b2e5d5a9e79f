namespace Uefi.Interop.Raw;

/// <summary>The table that every image gets: consoles, services, configuration tables. UEFI 2.10, 4.3.1.</summary>
public unsafe struct EFI_SYSTEM_TABLE
{
    public const ulong EFI_SYSTEM_TABLE_SIGNATURE = 0x5453595320494249;
    public const uint EFI_2_100_SYSTEM_TABLE_REVISION = (2 << 16) | 100;
    public const uint EFI_2_70_SYSTEM_TABLE_REVISION = (2 << 16) | 70;
    public const uint EFI_2_00_SYSTEM_TABLE_REVISION = 2 << 16;

    public EFI_TABLE_HEADER Hdr;
    public char* FirmwareVendor;
    public uint FirmwareRevision;
    public EFI_HANDLE ConsoleInHandle;
    public EFI_SIMPLE_TEXT_INPUT_PROTOCOL* ConIn;
    public EFI_HANDLE ConsoleOutHandle;
    public EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* ConOut;
    public EFI_HANDLE StandardErrorHandle;
    public EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* StdErr;
    public EFI_RUNTIME_SERVICES* RuntimeServices;

    /// <summary>Null after ExitBootServices, as are the consoles.</summary>
    public EFI_BOOT_SERVICES* BootServices;
    public nuint NumberOfTableEntries;
    public EFI_CONFIGURATION_TABLE* ConfigurationTable;
}
