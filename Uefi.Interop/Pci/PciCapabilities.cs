namespace NetBoot.Uefi.Interop.Pci;

/// <summary>
/// Walks a function's capability list: <c>foreach (PciCapability capability in device.Capabilities)</c>.
/// PCI Local Bus Specification 3.0, 6.7. It comes from the device, so it is bounded: 48 capabilities of 4 bytes fill what is behind the
/// header.
/// </summary>
public struct PciCapabilities(PciDevice device, byte first)
{
    private const int Maximum = 48;
    private const byte HeaderSize = 0x40;

    private byte _next = first;
    private int _left = Maximum;

    /// <summary>The capability that <see cref="MoveNext"/> went to.</summary>
    public PciCapability Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly PciCapabilities GetEnumerator() => this;

    /// <summary>Goes to the next capability; false at the end of the list, and where the list is damaged.</summary>
    public bool MoveNext()
    {
        byte offset = (byte)(_next & ~0b11);
        if (offset < HeaderSize || _left == 0)
        {
            return false;
        }

        _left--;
        ushort header = device.ReadConfig16(offset);
        if (header == ushort.MaxValue)
        {
            return false;
        }

        _next = (byte)(header >> 8);
        Current = new PciCapability((byte)header, offset);
        return true;
    }
}
