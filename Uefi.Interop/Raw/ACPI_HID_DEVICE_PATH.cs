using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A device of the ACPI name space. UEFI 2.10, 10.3.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ACPI_HID_DEVICE_PATH
{
    public const byte ACPI_DP = 0x01;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint HID;
    public uint UID;
}
