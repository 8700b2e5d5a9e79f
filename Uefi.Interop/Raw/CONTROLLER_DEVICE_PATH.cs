using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>One controller of a device that has several. UEFI 2.10, 10.3.2.5.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CONTROLLER_DEVICE_PATH
{
    public const byte HW_CONTROLLER_DP = 0x05;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint ControllerNumber;
}
