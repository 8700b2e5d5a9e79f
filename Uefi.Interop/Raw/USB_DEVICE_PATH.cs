using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A USB interface. UEFI 2.10, 10.3.4.5.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct USB_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_USB_DP = 0x05;

    /// <summary>Type, SubType and a length of 6 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The port of the hub that it is plugged into, from 0.</summary>
    public byte ParentPortNumber;

    /// <summary>The device's interface.</summary>
    public byte InterfaceNumber;
}
