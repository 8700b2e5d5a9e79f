namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// One region of the memory map. The map's stride is the DescriptorSize that GetMemoryMap returned, never this structure's size.
/// UEFI 2.10, 7.2.3.
/// </summary>
public struct EFI_MEMORY_DESCRIPTOR
{
    /// <summary>The DescriptorVersion of this layout.</summary>
    public const uint EFI_MEMORY_DESCRIPTOR_VERSION = 1;

    /// <summary>It can be uncached.</summary>
    public const ulong EFI_MEMORY_UC = 0x0000000000000001;

    /// <summary>It can be write-combining.</summary>
    public const ulong EFI_MEMORY_WC = 0x0000000000000002;

    /// <summary>It can be write-through.</summary>
    public const ulong EFI_MEMORY_WT = 0x0000000000000004;

    /// <summary>It can be write-back.</summary>
    public const ulong EFI_MEMORY_WB = 0x0000000000000008;

    /// <summary>It can be uncached and exported, for semaphores between processors.</summary>
    public const ulong EFI_MEMORY_UCE = 0x0000000000000010;

    /// <summary>It can be write-protected in the cache's sense; read-only is EFI_MEMORY_RO.</summary>
    public const ulong EFI_MEMORY_WP = 0x0000000000001000;

    /// <summary>It can be protected from reads.</summary>
    public const ulong EFI_MEMORY_RP = 0x0000000000002000;

    /// <summary>It can be protected from execution.</summary>
    public const ulong EFI_MEMORY_XP = 0x0000000000004000;

    /// <summary>It keeps its content without power.</summary>
    public const ulong EFI_MEMORY_NV = 0x0000000000008000;

    /// <summary>It fails less often than the rest.</summary>
    public const ulong EFI_MEMORY_MORE_RELIABLE = 0x0000000000010000;

    /// <summary>It can be protected from writes.</summary>
    public const ulong EFI_MEMORY_RO = 0x0000000000020000;

    /// <summary>Kept for a purpose; a system takes other memory first.</summary>
    public const ulong EFI_MEMORY_SP = 0x0000000000040000;

    /// <summary>The processor can encrypt it.</summary>
    public const ulong EFI_MEMORY_CPU_CRYPTO = 0x0000000000080000;

    /// <summary>The operating system keeps it mapped for the runtime services.</summary>
    public const ulong EFI_MEMORY_RUNTIME = 0x8000000000000000;

    /// <summary>What it is used for.</summary>
    public EFI_MEMORY_TYPE Type;

    /// <summary>Its address, a multiple of 4 KiB.</summary>
    public ulong PhysicalStart;

    /// <summary>Its address for the runtime services; set by the operating system for SetVirtualAddressMap.</summary>
    public ulong VirtualStart;

    /// <summary>In pages of 4 KiB.</summary>
    public ulong NumberOfPages;

    /// <summary>EFI_MEMORY_* bits: what the memory is capable of, not how it is mapped.</summary>
    public ulong Attribute;
}
