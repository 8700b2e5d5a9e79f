using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A SATA device. UEFI 2.10, 10.3.4.6.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SATA_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_SATA_DP = 0x12;

    /// <summary>Type, SubType and a length of 10 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The controller's port.</summary>
    public ushort HBAPortNumber;

    /// <summary>The port of the multiplier between; 0xFFFF when the device is at the controller itself.</summary>
    public ushort PortMultiplierPortNumber;

    /// <summary>The logical unit.</summary>
    public ushort Lun;
}
