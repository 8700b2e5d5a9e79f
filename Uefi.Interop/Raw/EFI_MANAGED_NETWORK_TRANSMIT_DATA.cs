namespace Uefi.Interop.Raw;

/// <summary>A frame to transmit, in pieces. UEFI 2.10, 25.1 (Transmit).</summary>
public unsafe struct EFI_MANAGED_NETWORK_TRANSMIT_DATA
{
    public EFI_MAC_ADDRESS* DestinationAddress;
    public EFI_MAC_ADDRESS* SourceAddress;

    /// <summary>The EtherType, in host order.</summary>
    public ushort ProtocolType;
    public uint DataLength;
    public ushort HeaderLength;
    public ushort FragmentCount;

    /// <summary>The first of FragmentCount entries.</summary>
    public EFI_MANAGED_NETWORK_FRAGMENT_DATA FragmentTable;
}
