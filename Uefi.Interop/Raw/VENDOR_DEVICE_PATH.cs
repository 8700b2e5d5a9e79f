using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>
/// A device named by its vendor's GUID; the same layout in the hardware, messaging and media types. The vendor's data follows.
/// UEFI 2.10, 10.3.2.4, 10.3.4.17 and 10.3.5.3.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VENDOR_DEVICE_PATH
{
    public const byte HW_VENDOR_DP = 0x04;
    public const byte MSG_VENDOR_DP = 0x0A;
    public const byte MEDIA_VENDOR_DP = 0x03;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public EFI_GUID Guid;
}
