using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A device of the ACPI name space; three ASCIIZ strings follow: HIDSTR, UIDSTR, CIDSTR. UEFI 2.10, 10.3.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ACPI_EXTENDED_HID_DEVICE_PATH
{
    public const byte ACPI_EXTENDED_DP = 0x02;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint HID;
    public uint UID;
    public uint CID;
}
