namespace NetBoot.Uefi.Interop.Pci;

/// <summary>One capability in configuration space.</summary>
public readonly struct PciCapability(byte id, byte offset)
{
    /// <summary><see cref="Id"/> of a capability that the vendor defines.</summary>
    public const byte VendorSpecificId = 0x09;

    /// <summary><see cref="Id"/> of PCI Express.</summary>
    public const byte PciExpressId = 0x10;

    /// <summary><see cref="Id"/> of MSI-X.</summary>
    public const byte MsiXId = 0x11;

    /// <summary>What it is. PCI Local Bus Specification 3.0, appendix H.</summary>
    public readonly byte Id = id;

    /// <summary>Where in configuration space it begins.</summary>
    public readonly byte Offset = offset;
}
