namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The width of an access, and whether the address or the buffer stands still. UEFI 2.10, 14.4.</summary>
public enum EFI_PCI_IO_PROTOCOL_WIDTH : uint
{
    /// <summary>Bytes; address and buffer go on.</summary>
    EfiPciIoWidthUint8,

    /// <summary>16 bits; address and buffer go on.</summary>
    EfiPciIoWidthUint16,

    /// <summary>32 bits; address and buffer go on.</summary>
    EfiPciIoWidthUint32,

    /// <summary>64 bits; address and buffer go on. Not every bridge can.</summary>
    EfiPciIoWidthUint64,

    /// <summary>Bytes; the address stands still.</summary>
    EfiPciIoWidthFifoUint8,

    /// <summary>16 bits; the address stands still.</summary>
    EfiPciIoWidthFifoUint16,

    /// <summary>32 bits; the address stands still.</summary>
    EfiPciIoWidthFifoUint32,

    /// <summary>64 bits; the address stands still.</summary>
    EfiPciIoWidthFifoUint64,

    /// <summary>Bytes; the buffer stands still.</summary>
    EfiPciIoWidthFillUint8,

    /// <summary>16 bits; the buffer stands still.</summary>
    EfiPciIoWidthFillUint16,

    /// <summary>32 bits; the buffer stands still.</summary>
    EfiPciIoWidthFillUint32,

    /// <summary>64 bits; the buffer stands still.</summary>
    EfiPciIoWidthFillUint64,

    /// <summary>No width: the first number that is none.</summary>
    EfiPciIoWidthMaximum,
}
