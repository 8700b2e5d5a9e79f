using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A device of the ACPI name space. UEFI 2.10, 10.3.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ACPI_HID_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is ACPI_DEVICE_PATH.</summary>
    public const byte ACPI_DP = 0x01;

    /// <summary>Type, SubType and a length of 12 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The hardware ID (_HID) as a compressed EISA ID: for PNP devices 0x41D0 below the number in the upper 16 bits.</summary>
    public uint HID;

    /// <summary>The unique ID (_UID), which tells devices with the same HID apart.</summary>
    public uint UID;
}
