namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A frame to transmit, in pieces. UEFI 2.10, 25.1 (Transmit).</summary>
public unsafe struct EFI_MANAGED_NETWORK_TRANSMIT_DATA
{
    /// <summary>Who it is for; null when the media header is in the fragments.</summary>
    public EFI_MAC_ADDRESS* DestinationAddress;

    /// <summary>Who it is from; null for the station address.</summary>
    public EFI_MAC_ADDRESS* SourceAddress;

    /// <summary>The EtherType, in host order.</summary>
    public ushort ProtocolType;

    /// <summary>Bytes of the payload, which is in the fragments.</summary>
    public uint DataLength;

    /// <summary>Bytes of the media header in the fragments; 0 when MNP is to make it.</summary>
    public ushort HeaderLength;

    /// <summary>How many pieces there are, at least 1.</summary>
    public ushort FragmentCount;

    /// <summary>The first of FragmentCount entries.</summary>
    public EFI_MANAGED_NETWORK_FRAGMENT_DATA FragmentTable;
}
