namespace Uefi.Interop.Raw;

/// <summary>A received frame; signal RecycleEvent to give it back. UEFI 2.10, 25.1 (Receive).</summary>
public unsafe struct EFI_MANAGED_NETWORK_RECEIVE_DATA
{
    public EFI_TIME Timestamp;
    public EFI_EVENT RecycleEvent;
    public uint PacketLength;
    public uint HeaderLength;
    public uint AddressLength;
    public uint DataLength;

    /// <summary>BOOLEAN</summary>
    public byte BroadcastFlag;

    /// <summary>BOOLEAN</summary>
    public byte MulticastFlag;

    /// <summary>BOOLEAN</summary>
    public byte PromiscuousFlag;

    /// <summary>The EtherType, in host order.</summary>
    public ushort ProtocolType;
    public void* DestinationAddress;
    public void* SourceAddress;
    public void* MediaHeader;
    public void* PacketData;
}
