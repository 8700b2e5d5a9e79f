namespace Uefi.Interop.Raw;

/// <summary>A PCI device. UEFI 2.10, 14.4.</summary>
public unsafe struct EFI_PCI_IO_PROTOCOL : IProtocol
{
    /// <summary>The BarIndex that means no BAR: the offset is an absolute address.</summary>
    public const byte EFI_PCI_IO_PASS_THROUGH_BAR = 0xFF;

    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_MOTHERBOARD_IO = 0x0001;
    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_IO = 0x0002;
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO = 0x0004;
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_MEMORY = 0x0008;
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_IO = 0x0010;
    public const ulong EFI_PCI_IO_ATTRIBUTE_IDE_PRIMARY_IO = 0x0020;
    public const ulong EFI_PCI_IO_ATTRIBUTE_IDE_SECONDARY_IO = 0x0040;
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_WRITE_COMBINE = 0x0080;
    public const ulong EFI_PCI_IO_ATTRIBUTE_IO = 0x0100;
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY = 0x0200;
    public const ulong EFI_PCI_IO_ATTRIBUTE_BUS_MASTER = 0x0400;
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_CACHED = 0x0800;
    public const ulong EFI_PCI_IO_ATTRIBUTE_MEMORY_DISABLE = 0x1000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_EMBEDDED_DEVICE = 0x2000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_EMBEDDED_ROM = 0x4000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE = 0x8000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_ISA_IO_16 = 0x10000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_PALETTE_IO_16 = 0x20000;
    public const ulong EFI_PCI_IO_ATTRIBUTE_VGA_IO_16 = 0x40000;

    /// <summary>EFI_PCI_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x4CF5B200, 0x68B8, 0x4CA5, 0x9E, 0xEC, 0xB2, 0x3E, 0x3F, 0x50, 0x02, 0x9A);

    /// <summary>(This, Width, BarIndex, Offset, Mask, Value, Delay in 100 ns, Result)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, ulong, ulong, ulong, ulong*, EFI_STATUS>
        PollMem;

    /// <summary>(This, Width, BarIndex, Offset, Mask, Value, Delay in 100 ns, Result)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, ulong, ulong, ulong, ulong*, EFI_STATUS>
        PollIo;
    public EFI_PCI_IO_PROTOCOL_ACCESS Mem;
    public EFI_PCI_IO_PROTOCOL_ACCESS Io;
    public EFI_PCI_IO_PROTOCOL_CONFIG_ACCESS Pci;

    /// <summary>(This, Width, DestBarIndex, DestOffset, SrcBarIndex, SrcOffset, Count)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_WIDTH, byte, ulong, byte, ulong, nuint, EFI_STATUS> CopyMem;

    /// <summary>(This, Operation, HostAddress, NumberOfBytes in and out, DeviceAddress, Mapping)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_OPERATION, void*, nuint*, ulong*, void**, EFI_STATUS> Map;

    /// <summary>(This, Mapping)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, void*, EFI_STATUS> Unmap;

    /// <summary>(This, Type (ignored), MemoryType, Pages, HostAddress, Attributes)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_ALLOCATE_TYPE, EFI_MEMORY_TYPE, nuint, void**, ulong, EFI_STATUS> AllocateBuffer;

    /// <summary>(This, Pages, HostAddress)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, nuint, void*, EFI_STATUS> FreeBuffer;
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_STATUS> Flush;

    /// <summary>(This, SegmentNumber, BusNumber, DeviceNumber, FunctionNumber)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, nuint*, nuint*, nuint*, nuint*, EFI_STATUS> GetLocation;

    /// <summary>(This, Operation, Attributes, Result)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION, ulong, ulong*, EFI_STATUS> Attributes;

    /// <summary>(This, BarIndex, Supports, Resources: an ACPI resource list in pool that the caller frees)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, byte, ulong*, void**, EFI_STATUS> GetBarAttributes;

    /// <summary>(This, Attributes, BarIndex, Offset, Length)</summary>
    public delegate* unmanaged<EFI_PCI_IO_PROTOCOL*, ulong, byte, ulong*, ulong*, EFI_STATUS> SetBarAttributes;

    /// <summary>In bytes.</summary>
    public ulong RomSize;
    public void* RomImage;
}
