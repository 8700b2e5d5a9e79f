namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What an MNP child receives; BOOLEANs are bytes. UEFI 2.10, 25.1 (GetModeData).</summary>
public struct EFI_MANAGED_NETWORK_CONFIG_DATA
{
    /// <summary>In 100 ns; 0: frames wait for ever.</summary>
    public uint ReceivedQueueTimeoutValue;

    /// <summary>In 100 ns; 0: frames wait for ever.</summary>
    public uint TransmitQueueTimeoutValue;

    /// <summary>The EtherType, in host order; 0: all.</summary>
    public ushort ProtocolTypeFilter;

    /// <summary>BOOLEAN: frames to the station address.</summary>
    public byte EnableUnicastReceive;

    /// <summary>BOOLEAN: frames to the groups that Groups joined.</summary>
    public byte EnableMulticastReceive;

    /// <summary>BOOLEAN: frames to the broadcast address.</summary>
    public byte EnableBroadcastReceive;

    /// <summary>BOOLEAN: all frames, whoever they are for.</summary>
    public byte EnablePromiscuousReceive;

    /// <summary>BOOLEAN: Configure drops what is in the queues.</summary>
    public byte FlushQueuesOnReset;

    /// <summary>BOOLEAN: Timestamp of received frames is filled in, which takes time.</summary>
    public byte EnableReceiveTimestamps;

    /// <summary>BOOLEAN: frames come only with Poll.</summary>
    public byte DisableBackgroundPolling;
}
