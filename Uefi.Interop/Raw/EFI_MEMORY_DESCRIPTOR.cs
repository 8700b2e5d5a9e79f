namespace Uefi.Interop.Raw;

/// <summary>
/// One region of the memory map. The map's stride is the DescriptorSize that GetMemoryMap returned, never this structure's size.
/// UEFI 2.10, 7.2.3.
/// </summary>
public struct EFI_MEMORY_DESCRIPTOR
{
    public const uint EFI_MEMORY_DESCRIPTOR_VERSION = 1;
    public const ulong EFI_MEMORY_UC = 0x0000000000000001;
    public const ulong EFI_MEMORY_WC = 0x0000000000000002;
    public const ulong EFI_MEMORY_WT = 0x0000000000000004;
    public const ulong EFI_MEMORY_WB = 0x0000000000000008;
    public const ulong EFI_MEMORY_UCE = 0x0000000000000010;
    public const ulong EFI_MEMORY_WP = 0x0000000000001000;
    public const ulong EFI_MEMORY_RP = 0x0000000000002000;
    public const ulong EFI_MEMORY_XP = 0x0000000000004000;
    public const ulong EFI_MEMORY_NV = 0x0000000000008000;
    public const ulong EFI_MEMORY_MORE_RELIABLE = 0x0000000000010000;
    public const ulong EFI_MEMORY_RO = 0x0000000000020000;
    public const ulong EFI_MEMORY_SP = 0x0000000000040000;
    public const ulong EFI_MEMORY_CPU_CRYPTO = 0x0000000000080000;
    public const ulong EFI_MEMORY_RUNTIME = 0x8000000000000000;

    public EFI_MEMORY_TYPE Type;
    public ulong PhysicalStart;
    public ulong VirtualStart;

    /// <summary>In pages of 4 KiB.</summary>
    public ulong NumberOfPages;
    public ulong Attribute;
}
