using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A disk in memory. UEFI 2.10, 10.3.5.9.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEDIA_RAM_DISK_DEVICE_PATH
{
    public const byte MEDIA_RAM_DISK_DP = 0x09;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public ulong StartingAddr;
    public ulong EndingAddr;
    public EFI_GUID TypeGuid;
    public ushort Instance;
}
