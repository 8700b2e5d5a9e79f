using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A SCSI device. UEFI 2.10, 10.3.4.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SCSI_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_SCSI_DP = 0x02;

    /// <summary>Type, SubType and a length of 8 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The target's ID on the bus.</summary>
    public ushort Pun;

    /// <summary>The logical unit.</summary>
    public ushort Lun;
}
