using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// A device named by its vendor's GUID; the same layout in the hardware, messaging and media types. The vendor's data follows.
/// UEFI 2.10, 10.3.2.4, 10.3.4.17 and 10.3.5.3.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VENDOR_DEVICE_PATH
{
    /// <summary>SubType, when Type is HARDWARE_DEVICE_PATH.</summary>
    public const byte HW_VENDOR_DP = 0x04;

    /// <summary>SubType, when Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_VENDOR_DP = 0x0A;

    /// <summary>SubType, when Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_VENDOR_DP = 0x03;

    /// <summary>Type, SubType and a length of 20 bytes and the vendor's data.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>Whose it is, and what the data means.</summary>
    public EFI_GUID Guid;
}
