namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's own PXE. UEFI 2.10, 24.3.</summary>
public unsafe struct EFI_PXE_BASE_CODE_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const ulong EFI_PXE_BASE_CODE_PROTOCOL_REVISION = 0x00010000;

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x03C4E603, 0xAC28, 0x11D3, 0x9A, 0x2D, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL_REVISION.</summary>
    public ulong Revision;

    /// <summary>Makes it ready, over the SNP of the handle. UseIpv6 is a BOOLEAN. (This, UseIpv6)</summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, byte, EFI_STATUS> Start;

    /// <summary>Stops it, and frees what it holds. (This)</summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, EFI_STATUS> Stop;

    /// <summary>
    /// Gets an address, and the packets of the mode. SortOffers is a BOOLEAN: offers with a boot file first. (This, SortOffers)
    /// </summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, byte, EFI_STATUS> Dhcp;

    /// <summary>
    /// Asks boot servers for what is of a type. (This, Type, Layer, UseBis, Info: an EFI_PXE_BASE_CODE_DISCOVER_INFO or null)
    /// </summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, ushort, ushort*, byte, void*, EFI_STATUS> Discover;

    /// <summary>
    /// A file by TFTP or multicast TFTP. The flags are BOOLEANs; sizes are in bytes. (This, Operation, BufferPtr, Overwrite, BufferSize,
    /// BlockSize, ServerIp, Filename, Info: an EFI_PXE_BASE_CODE_MTFTP_INFO or null, DontUseBuffer)
    /// </summary>
    public delegate* unmanaged<
        EFI_PXE_BASE_CODE_PROTOCOL*, EFI_PXE_BASE_CODE_TFTP_OPCODE, void*, byte, ulong*, nuint*, EFI_IP_ADDRESS*, byte*, void*, byte,
        EFI_STATUS> Mtftp;

    /// <summary>
    /// Sends a UDP datagram. (This, OpFlags, DestIp, DestPort, GatewayIp, SrcIp, SrcPort, HeaderSize, HeaderPtr, BufferSize, BufferPtr);
    /// all but This, OpFlags, DestIp, DestPort, BufferSize and BufferPtr may be null.
    /// </summary>
    public delegate* unmanaged<
        EFI_PXE_BASE_CODE_PROTOCOL*, ushort, EFI_IP_ADDRESS*, ushort*, EFI_IP_ADDRESS*, EFI_IP_ADDRESS*, ushort*, nuint*, void*, nuint*,
        void*, EFI_STATUS> UdpWrite;

    /// <summary>
    /// Waits for a UDP datagram; EFI_TIMEOUT when none comes. (This, OpFlags, DestIp, DestPort, SrcIp, SrcPort, HeaderSize, HeaderPtr,
    /// BufferSize, BufferPtr)
    /// </summary>
    public delegate* unmanaged<
        EFI_PXE_BASE_CODE_PROTOCOL*, ushort, EFI_IP_ADDRESS*, ushort*, EFI_IP_ADDRESS*, ushort*, nuint*, void*, nuint*, void*,
        EFI_STATUS> UdpRead;

    /// <summary>Sets what is received. (This, NewFilter)</summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, EFI_PXE_BASE_CODE_IP_FILTER*, EFI_STATUS> SetIpFilter;

    /// <summary>Finds the hardware address of a neighbour. (This, IpAddr, MacAddr or null)</summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, EFI_IP_ADDRESS*, EFI_MAC_ADDRESS*, EFI_STATUS> Arp;

    /// <summary>
    /// Sets parameters of the mode. (This, NewAutoArp, NewSendGUID, NewTTL, NewToS, NewMakeCallback); null leaves one as it is.
    /// </summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, byte*, byte*, byte*, byte*, byte*, EFI_STATUS> SetParameters;

    /// <summary>Sets the station's address by hand. (This, NewStationIp, NewSubnetMask); null leaves one as it is.</summary>
    public delegate* unmanaged<EFI_PXE_BASE_CODE_PROTOCOL*, EFI_IP_ADDRESS*, EFI_IP_ADDRESS*, EFI_STATUS> SetStationIp;

    /// <summary>
    /// Sets the cached packets, and which of them count. (This, NewDhcpDiscoverValid, NewDhcpAckReceived, NewProxyOfferReceived,
    /// NewPxeDiscoverValid, NewPxeReplyReceived, NewPxeBisReplyReceived, NewDhcpDiscover, NewDhcpAck, NewProxyOffer, NewPxeDiscover,
    /// NewPxeReply, NewPxeBisReply); null leaves one as it is.
    /// </summary>
    public delegate* unmanaged<
        EFI_PXE_BASE_CODE_PROTOCOL*, byte*, byte*, byte*, byte*, byte*, byte*, EFI_PXE_BASE_CODE_PACKET*, EFI_PXE_BASE_CODE_PACKET*,
        EFI_PXE_BASE_CODE_PACKET*, EFI_PXE_BASE_CODE_PACKET*, EFI_PXE_BASE_CODE_PACKET*, EFI_PXE_BASE_CODE_PACKET*, EFI_STATUS> SetPackets;

    /// <summary>What it knows; owned by it.</summary>
    public EFI_PXE_BASE_CODE_MODE* Mode;
}
