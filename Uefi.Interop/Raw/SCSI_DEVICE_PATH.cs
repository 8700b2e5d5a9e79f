using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A SCSI device. UEFI 2.10, 10.3.4.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SCSI_DEVICE_PATH
{
    public const byte MSG_SCSI_DP = 0x02;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public ushort Pun;
    public ushort Lun;
}
