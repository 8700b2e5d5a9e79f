using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>One controller of a device that has several. UEFI 2.10, 10.3.2.5.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CONTROLLER_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is HARDWARE_DEVICE_PATH.</summary>
    public const byte HW_CONTROLLER_DP = 0x05;

    /// <summary>Type, SubType and a length of 8 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>Which of the parent's controllers it is, as the parent's driver counts them.</summary>
    public uint ControllerNumber;
}
