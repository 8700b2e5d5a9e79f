using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An ATA or ATAPI device. UEFI 2.10, 10.3.4.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ATAPI_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_ATAPI_DP = 0x01;

    /// <summary>Type, SubType and a length of 8 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The channel: 0 primary, 1 secondary.</summary>
    public byte PrimarySecondary;

    /// <summary>The device on the channel: 0 master, 1 slave.</summary>
    public byte SlaveMaster;

    /// <summary>The logical unit.</summary>
    public ushort Lun;
}
