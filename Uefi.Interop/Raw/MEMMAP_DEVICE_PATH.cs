using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A range of memory. UEFI 2.10, 10.3.2.3.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEMMAP_DEVICE_PATH
{
    public const byte HW_MEMMAP_DP = 0x03;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public EFI_MEMORY_TYPE MemoryType;
    public ulong StartingAddress;
    public ulong EndingAddress;
}
