using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>An El Torito boot entry, in blocks. UEFI 2.10, 10.3.5.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CDROM_DEVICE_PATH
{
    public const byte MEDIA_CDROM_DP = 0x02;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint BootEntry;
    public ulong PartitionStart;
    public ulong PartitionSize;
}
