namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Sends and receives frames. UEFI 2.10, 24.1.</summary>
public unsafe struct EFI_SIMPLE_NETWORK_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const ulong EFI_SIMPLE_NETWORK_PROTOCOL_REVISION = 0x00010000;

    /// <summary>Of GetStatus: a frame was received.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT = 0x01;

    /// <summary>Of GetStatus: a frame was transmitted.</summary>
    public const uint EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT = 0x02;

    /// <summary>Of GetStatus: a command is done.</summary>
    public const uint EFI_SIMPLE_NETWORK_COMMAND_INTERRUPT = 0x04;

    /// <summary>Of GetStatus: software caused an interrupt.</summary>
    public const uint EFI_SIMPLE_NETWORK_SOFTWARE_INTERRUPT = 0x08;

    /// <summary>EFI_SIMPLE_NETWORK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xA19832B9, 0xAC25, 0x11D3, 0x9A, 0x2D, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>EFI_SIMPLE_NETWORK_PROTOCOL_REVISION.</summary>
    public ulong Revision;

    /// <summary>From stopped to started; EFI_ALREADY_STARTED when it is. (This)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Start;

    /// <summary>From started to stopped. (This)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Stop;

    /// <summary>
    /// From started to initialized: the device sends and receives. The sizes are bytes beyond what the driver takes. (This,
    /// ExtraRxBufferSize, ExtraTxBufferSize)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, nuint, nuint, EFI_STATUS> Initialize;

    /// <summary>
    /// Resets the device and its queues; filters and addresses stay. ExtendedVerification is a BOOLEAN. (This, ExtendedVerification)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>From initialized to started: the device rests. (This)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Shutdown;

    /// <summary>
    /// Sets and clears EFI_SIMPLE_NETWORK_RECEIVE_* bits, then the list of multicast addresses. ResetMCastFilter is a BOOLEAN. (This,
    /// Enable, Disable, ResetMCastFilter, MCastFilterCnt, MCastFilter)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, uint, uint, byte, nuint, EFI_MAC_ADDRESS*, EFI_STATUS> ReceiveFilters;

    /// <summary>Sets the station address, or with Reset, a BOOLEAN, the permanent one again. (This, Reset, New)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_MAC_ADDRESS*, EFI_STATUS> StationAddress;

    /// <summary>
    /// Copies the counters, zeroed afterwards when Reset says so. StatisticsSize in bytes, in and out; it and the table may be null. (This,
    /// Reset, StatisticsSize, StatisticsTable)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, nuint*, EFI_NETWORK_STATISTICS*, EFI_STATUS> Statistics;

    /// <summary>The hardware address of an IP multicast group. IPv6 is a BOOLEAN. (This, IPv6, IP, MAC)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_IP_ADDRESS*, EFI_MAC_ADDRESS*, EFI_STATUS> MCastIpToMac;

    /// <summary>Reads (ReadWrite 1) or writes (0) the device's own memory. (This, ReadWrite, Offset, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, nuint, nuint, void*, EFI_STATUS> NvData;

    /// <summary>
    /// Interrupts since the last call, and one buffer that Transmit took and that is free again, or null. (This, InterruptStatus or null,
    /// TxBuf or null)
    /// </summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, uint*, void**, EFI_STATUS> GetStatus;

    /// <summary>
    /// Queues a frame, whose buffer is the device's until GetStatus gives it back; EFI_NOT_READY when the queue is full. HeaderSize is not
    /// 0 to have the media header filled in. (This, HeaderSize, BufferSize, Buffer, SrcAddr, DestAddr, Protocol)
    /// </summary>
    public delegate* unmanaged<
        EFI_SIMPLE_NETWORK_PROTOCOL*, nuint, nuint, void*, EFI_MAC_ADDRESS*, EFI_MAC_ADDRESS*, ushort*, EFI_STATUS> Transmit;

    /// <summary>
    /// Copies the oldest frame that was received; EFI_NOT_READY when there is none. All but Buffer and BufferSize may be null. (This,
    /// HeaderSize, BufferSize, Buffer, SrcAddr, DestAddr, Protocol)
    /// </summary>
    public delegate* unmanaged<
        EFI_SIMPLE_NETWORK_PROTOCOL*, nuint*, nuint*, void*, EFI_MAC_ADDRESS*, EFI_MAC_ADDRESS*, ushort*, EFI_STATUS> Receive;

    /// <summary>Signalled while a frame waits; for WaitForEvent and CheckEvent.</summary>
    public EFI_EVENT WaitForPacket;

    /// <summary>The present mode; owned by the driver, brought up to date by its calls.</summary>
    public EFI_SIMPLE_NETWORK_MODE* Mode;
}
