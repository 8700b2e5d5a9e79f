using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A USB interface. UEFI 2.10, 10.3.4.5.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct USB_DEVICE_PATH
{
    public const byte MSG_USB_DP = 0x05;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public byte ParentPortNumber;
    public byte InterfaceNumber;
}
