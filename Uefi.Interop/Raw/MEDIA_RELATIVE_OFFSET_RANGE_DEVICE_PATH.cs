using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A range within the device before it, in bytes; an option ROM image among others. UEFI 2.10, 10.3.5.8.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEDIA_RELATIVE_OFFSET_RANGE_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_RELATIVE_OFFSET_RANGE_DP = 0x08;

    /// <summary>Type, SubType and a length of 24 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Offset of the first byte.</summary>
    public ulong StartingOffset;

    /// <summary>Offset of the last byte.</summary>
    public ulong EndingOffset;
}
