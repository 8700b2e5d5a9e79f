namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A PCI device. UEFI 2.10, 14.4.</summary>
public unsafe struct EFI_PCI_IO_PROTOCOL : IProtocol
{
    /// <summary>The BarIndex that means no BAR: the offset is an absolute address.</summary>
    public const byte EFI_PCI_IO_PASS_THROUGH_BAR = 0xFF;

    /// <summary>ISA I/O 0x00 - 0xFF is forwarded, 10 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_MOTHERBOARD_IO = 0x0001;

    /// <summary>ISA I/O 0x100 - 0x3FF is forwarded, 10 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_IO = 0x0002;

    /// <summary>I/O 0x3C6, 0x3C8 and 0x3C9 is forwarded, 10 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO = 0x0004;

    /// <summary>Memory 0xA0000 - 0xBFFFF is forwarded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY = 0x0008;

    /// <summary>I/O 0x3B0 - 0x3BB and 0x3C0 - 0x3DF is forwarded, 10 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_IO = 0x0010;

    /// <summary>I/O 0x1F0 - 0x1F7 and 0x3F6 - 0x3F7 is forwarded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_IDE_PRIMARY_IO = 0x0020;

    /// <summary>I/O 0x170 - 0x177 and 0x376 - 0x377 is forwarded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_IDE_SECONDARY_IO = 0x0040;

    /// <summary>The processor may combine writes to the memory.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE = 0x0080;

    /// <summary>The function answers at its I/O BARs.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_IO = 0x0100;

    /// <summary>The function answers at its memory BARs.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY = 0x0200;

    /// <summary>The function may begin transfers of its own: DMA.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_BUS_MASTER = 0x0400;

    /// <summary>The processor may cache the memory.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED = 0x0800;

    /// <summary>Reads and writes of the memory are switched off.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_DISABLE = 0x1000;

    /// <summary>The function is part of the machine, not on a card.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE = 0x2000;

    /// <summary>Its option ROM is not in its ROM BAR.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM = 0x4000;

    /// <summary>The function can address 64 bits; without it, buffers are below 4 GiB.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE = 0x8000;

    /// <summary>As <see cref="EFI_PCI_IO_ATTRIBUTE_ISA_IO"/>, 16 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_IO_16 = 0x10000;

    /// <summary>As <see cref="EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO"/>, 16 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO_16 = 0x20000;

    /// <summary>As <see cref="EFI_PCI_IO_ATTRIBUTE_VGA_IO"/>, 16 bits decoded.</summary>
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_IO_16 = 0x40000;

    /// <summary>EFI_PCI_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x4CF5B200, 0x68B8, 0x4CA5, 0x9E, 0xEC, 0xB2, 0x3E, 0x3F, 0x50, 0x02, 0x9A);

    /// <summary>
    /// Reads memory of a BAR until (Result and Mask) is Value; EFI_TIMEOUT after Delay. (This, Width, BarIndex, Offset, Mask, Value, Delay
    /// in 100 ns, Result)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, ulong, ulong, ulong, ulong*, EFI_STATUS>
        PollMem;

    /// <summary>
    /// Reads I/O of a BAR until (Result and Mask) is Value; EFI_TIMEOUT after Delay. (This, Width, BarIndex, Offset, Mask, Value, Delay in
    /// 100 ns, Result)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, ulong, ulong, ulong, ulong*, EFI_STATUS>
        PollIo;

    /// <summary>Memory BARs.</summary>
    public EFI_PCI_IO_PROTOCOL_ACCESS Mem;

    /// <summary>I/O BARs.</summary>
    public EFI_PCI_IO_PROTOCOL_ACCESS Io;

    /// <summary>Configuration space.</summary>
    public EFI_PCI_IO_PROTOCOL_CONFIG_ACCESS Pci;

    /// <summary>
    /// Copies from BAR to BAR within the function. (This, Width, DestBarIndex, DestOffset, SrcBarIndex, SrcOffset, Count)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, byte, ulong, nuint, EFI_STATUS> CopyMem;

    /// <summary>
    /// Makes memory reachable for DMA; NumberOfBytes may come back smaller. The device uses DeviceAddress until Unmap of Mapping. (This,
    /// Operation, HostAddress, NumberOfBytes in and out, DeviceAddress, Mapping)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_OPERATION, void*, nuint*, ulong*, void**, EFI_STATUS> Map;

    /// <summary>Ends a mapping, and brings what the device wrote to the processor's sight. (This, Mapping)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, void*, EFI_STATUS> Unmap;

    /// <summary>
    /// Allocates pages that can be mapped as common buffer. MemoryType is boot or runtime services data. (This, Type (ignored), MemoryType,
    /// Pages, HostAddress, Attributes)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_ALLOCATE_TYPE, EFI_MEMORY_TYPE, nuint, void**, ulong, EFI_STATUS> AllocateBuffer;

    /// <summary>Frees what AllocateBuffer gave. (This, Pages, HostAddress)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, nuint, void*, EFI_STATUS> FreeBuffer;

    /// <summary>Waits until writes of the device have arrived in memory. (This)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_STATUS> Flush;

    /// <summary>Where the function is. (This, SegmentNumber, BusNumber, DeviceNumber, FunctionNumber)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, nuint*, nuint*, nuint*, nuint*, EFI_STATUS> GetLocation;

    /// <summary>
    /// Tells or changes the function's attributes. Result may be null unless they are asked for. (This, Operation, Attributes, Result)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION, ulong, ulong*, EFI_STATUS> Attributes;

    /// <summary>
    /// What a BAR can be, and where it is. Supports and Resources may be null, not both. (This, BarIndex, Supports, Resources: an ACPI
    /// resource list in pool that the caller frees)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, byte, ulong*, void**, EFI_STATUS> GetBarAttributes;

    /// <summary>
    /// Sets the attributes of a range of a BAR; Offset and Length come back as they were set. (This, Attributes, BarIndex, Offset, Length)
    /// </summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, ulong, byte, ulong*, ulong*, EFI_STATUS> SetBarAttributes;

    /// <summary>In bytes.</summary>
    public ulong RomSize;

    /// <summary>The function's option ROM in memory, RomSize bytes; null when there is none.</summary>
    public void* RomImage;
}
