using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A range within the device before it, in bytes; an option ROM image among others. UEFI 2.10, 10.3.5.8.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEDIA_RELATIVE_OFFSET_RANGE_DEVICE_PATH
{
    public const byte MEDIA_RELATIVE_OFFSET_RANGE_DP = 0x08;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint Reserved;
    public ulong StartingOffset;
    public ulong EndingOffset;
}
