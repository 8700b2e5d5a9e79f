using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A disk in memory. UEFI 2.10, 10.3.5.9.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEDIA_RAM_DISK_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_RAM_DISK_DP = 0x09;

    /// <summary>Type, SubType and a length of 38 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>Address of its first byte; unaligned.</summary>
    public ulong StartingAddr;

    /// <summary>Address of its last byte; unaligned.</summary>
    public ulong EndingAddr;

    /// <summary>What it is: a disk or a CD, volatile or persistent.</summary>
    public EFI_GUID TypeGuid;

    /// <summary>Which one of the type.</summary>
    public ushort Instance;
}
