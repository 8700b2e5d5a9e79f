namespace Uefi.Interop.Pci;

/// <summary>One capability in configuration space.</summary>
public readonly struct PciCapability(byte id, byte offset)
{
    public const byte VendorSpecificId = 0x09;
    public const byte MsiXId = 0x11;

    public readonly byte Id = id;

    /// <summary>Where in configuration space it begins.</summary>
    public readonly byte Offset = offset;
}
