using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A device of the ACPI name space; three ASCIIZ strings follow: HIDSTR, UIDSTR, CIDSTR. UEFI 2.10, 10.3.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ACPI_EXTENDED_HID_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is ACPI_DEVICE_PATH.</summary>
    public const byte ACPI_EXTENDED_DP = 0x02;

    /// <summary>Type, SubType and the length of the node with its strings.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The hardware ID (_HID) as a compressed EISA ID; 0 when HIDSTR says it.</summary>
    public uint HID;

    /// <summary>The unique ID (_UID); 0 when UIDSTR says it.</summary>
    public uint UID;

    /// <summary>A compatible ID (_CID) as a compressed EISA ID; 0 when CIDSTR says it, or there is none.</summary>
    public uint CID;
}
