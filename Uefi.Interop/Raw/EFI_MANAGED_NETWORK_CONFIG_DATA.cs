namespace Uefi.Interop.Raw;

/// <summary>What an MNP child receives; BOOLEANs are bytes. UEFI 2.10, 25.1 (GetModeData).</summary>
public struct EFI_MANAGED_NETWORK_CONFIG_DATA
{
    /// <summary>In 100 ns; 0: frames wait for ever.</summary>
    public uint ReceivedQueueTimeoutValue;

    /// <summary>In 100 ns; 0: frames wait for ever.</summary>
    public uint TransmitQueueTimeoutValue;

    /// <summary>The EtherType, in host order; 0: all.</summary>
    public ushort ProtocolTypeFilter;
    public byte EnableUnicastReceive;
    public byte EnableMulticastReceive;
    public byte EnableBroadcastReceive;
    public byte EnablePromiscuousReceive;
    public byte FlushQueuesOnReset;
    public byte EnableReceiveTimestamps;
    public byte DisableBackgroundPolling;
}
