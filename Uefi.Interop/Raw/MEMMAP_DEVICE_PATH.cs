using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A range of memory. UEFI 2.10, 10.3.2.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEMMAP_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is HARDWARE_DEVICE_PATH.</summary>
    public const byte HW_MEMMAP_DP = 0x03;

    /// <summary>Type, SubType and a length of 24 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>What the memory is used for.</summary>
    public EFI_MEMORY_TYPE MemoryType;

    /// <summary>Address of the first byte.</summary>
    public ulong StartingAddress;

    /// <summary>Address of the last byte.</summary>
    public ulong EndingAddress;
}
