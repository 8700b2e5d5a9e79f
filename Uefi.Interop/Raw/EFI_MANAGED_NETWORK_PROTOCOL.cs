namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Frames over a shared SNP. UEFI 2.10, 25.1.</summary>
public unsafe struct EFI_MANAGED_NETWORK_PROTOCOL : IProtocol
{
    /// <summary>EFI_MANAGED_NETWORK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x7AB33A91, 0xACE5, 0x4326, 0xB5, 0x72, 0xE7, 0xEE, 0x33, 0xD3, 0x9F, 0x16);

    /// <summary>
    /// How the child is configured, and the mode of the SNP below; EFI_NOT_STARTED while it is not configured. (This, MnpConfigData or
    /// null, SnpModeData or null)
    /// </summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_CONFIG_DATA*, EFI_SIMPLE_NETWORK_MODE*, EFI_STATUS>
        GetModeData;

    /// <summary>Configures the child, which receives from then on. (This, MnpConfigData or null to reset)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_CONFIG_DATA*, EFI_STATUS> Configure;

    /// <summary>The hardware address of an IP multicast group. Ipv6Flag is a BOOLEAN. (This, Ipv6Flag, IpAddress, MacAddress)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, byte, EFI_IP_ADDRESS*, EFI_MAC_ADDRESS*, EFI_STATUS> McastIpToMac;

    /// <summary>
    /// Joins or leaves a multicast group; leaves all when MacAddress is null. JoinFlag is a BOOLEAN. (This, JoinFlag, MacAddress or null)
    /// </summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, byte, EFI_MAC_ADDRESS*, EFI_STATUS> Groups;

    /// <summary>Queues a frame; the token's Packet is an EFI_MANAGED_NETWORK_TRANSMIT_DATA. (This, Token)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Transmit;

    /// <summary>Asks for one frame; the token's Packet becomes an EFI_MANAGED_NETWORK_RECEIVE_DATA. (This, Token)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Receive;

    /// <summary>Ends tokens with EFI_ABORTED; EFI_NOT_FOUND for one that is not queued. (This, Token or null for all)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Cancel;

    /// <summary>Sends and receives now; EFI_NOT_READY when there was nothing to do. (This)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_STATUS> Poll;
}
