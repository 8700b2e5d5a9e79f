using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A SATA device. UEFI 2.10, 10.3.4.6.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SATA_DEVICE_PATH
{
    public const byte MSG_SATA_DP = 0x12;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public ushort HBAPortNumber;
    public ushort PortMultiplierPortNumber;
    public ushort Lun;
}
