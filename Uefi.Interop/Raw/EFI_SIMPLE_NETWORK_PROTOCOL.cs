namespace Uefi.Interop.Raw;

/// <summary>Sends and receives frames. UEFI 2.10, 24.1.</summary>
public unsafe struct EFI_SIMPLE_NETWORK_PROTOCOL : IProtocol
{
    public const ulong EFI_SIMPLE_NETWORK_PROTOCOL_REVISION = 0x00010000;
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT = 0x01;
    public const uint EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT = 0x02;
    public const uint EFI_SIMPLE_NETWORK_COMMAND_INTERRUPT = 0x04;
    public const uint EFI_SIMPLE_NETWORK_SOFTWARE_INTERRUPT = 0x08;

    /// <summary>EFI_SIMPLE_NETWORK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xA19832B9, 0xAC25, 0x11D3, 0x9A, 0x2D, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    public ulong Revision;
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Start;
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Stop;

    /// <summary>(This, ExtraRxBufferSize, ExtraTxBufferSize)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, nuint, nuint, EFI_STATUS> Initialize;

    /// <summary>(This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_STATUS> Reset;
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, EFI_STATUS> Shutdown;

    /// <summary>(This, Enable, Disable, ResetMCastFilter, MCastFilterCnt, MCastFilter)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, uint, uint, byte, nuint, EFI_MAC_ADDRESS*, EFI_STATUS> ReceiveFilters;

    /// <summary>(This, Reset, New)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_MAC_ADDRESS*, EFI_STATUS> StationAddress;

    /// <summary>(This, Reset, StatisticsSize, StatisticsTable)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, nuint*, EFI_NETWORK_STATISTICS*, EFI_STATUS> Statistics;

    /// <summary>(This, IPv6, IP, MAC)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, EFI_IP_ADDRESS*, EFI_MAC_ADDRESS*, EFI_STATUS> MCastIpToMac;

    /// <summary>(This, ReadWrite, Offset, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, byte, nuint, nuint, void*, EFI_STATUS> NvData;

    /// <summary>(This, InterruptStatus or null, TxBuf or null)</summary>
    public delegate* unmanaged<EFI_SIMPLE_NETWORK_PROTOCOL*, uint*, void**, EFI_STATUS> GetStatus;

    /// <summary>(This, HeaderSize, BufferSize, Buffer, SrcAddr, DestAddr, Protocol)</summary>
    public delegate* unmanaged<
        EFI_SIMPLE_NETWORK_PROTOCOL*, nuint, nuint, void*, EFI_MAC_ADDRESS*, EFI_MAC_ADDRESS*, ushort*, EFI_STATUS> Transmit;

    /// <summary>(This, HeaderSize, BufferSize, Buffer, SrcAddr, DestAddr, Protocol)</summary>
    public delegate* unmanaged<
        EFI_SIMPLE_NETWORK_PROTOCOL*, nuint*, nuint*, void*, EFI_MAC_ADDRESS*, EFI_MAC_ADDRESS*, ushort*, EFI_STATUS> Receive;
    public EFI_EVENT WaitForPacket;
    public EFI_SIMPLE_NETWORK_MODE* Mode;
}
