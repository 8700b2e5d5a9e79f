namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A received frame; signal RecycleEvent to give it back. UEFI 2.10, 25.1 (Receive).</summary>
public unsafe struct EFI_MANAGED_NETWORK_RECEIVE_DATA
{
    /// <summary>When it arrived, if EnableReceiveTimestamps asks for it; zeros otherwise.</summary>
    public EFI_TIME Timestamp;

    /// <summary>Signalled by the receiver when it is done with the frame.</summary>
    public EFI_EVENT RecycleEvent;

    /// <summary>Bytes of the frame, with the media header.</summary>
    public uint PacketLength;

    /// <summary>Bytes of the media header.</summary>
    public uint HeaderLength;

    /// <summary>Bytes of a hardware address.</summary>
    public uint AddressLength;

    /// <summary>Bytes of the payload.</summary>
    public uint DataLength;

    /// <summary>BOOLEAN</summary>
    public byte BroadcastFlag;

    /// <summary>BOOLEAN</summary>
    public byte MulticastFlag;

    /// <summary>BOOLEAN</summary>
    public byte PromiscuousFlag;

    /// <summary>The EtherType, in host order.</summary>
    public ushort ProtocolType;

    /// <summary>In the media header.</summary>
    public void* DestinationAddress;

    /// <summary>In the media header.</summary>
    public void* SourceAddress;

    /// <summary>The frame from its beginning; MNP's, until RecycleEvent.</summary>
    public void* MediaHeader;

    /// <summary>The payload, behind the media header.</summary>
    public void* PacketData;
}
