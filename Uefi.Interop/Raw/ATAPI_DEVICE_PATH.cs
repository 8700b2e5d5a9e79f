using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>An ATA or ATAPI device. UEFI 2.10, 10.3.4.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ATAPI_DEVICE_PATH
{
    public const byte MSG_ATAPI_DP = 0x01;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public byte PrimarySecondary;
    public byte SlaveMaster;
    public ushort Lun;
}
