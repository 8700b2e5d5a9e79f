namespace Uefi.Interop.Raw;

/// <summary>Frames over a shared SNP. UEFI 2.10, 25.1.</summary>
public unsafe struct EFI_MANAGED_NETWORK_PROTOCOL : IProtocol
{
    /// <summary>EFI_MANAGED_NETWORK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x7AB33A91, 0xACE5, 0x4326, 0xB5, 0x72, 0xE7, 0xEE, 0x33, 0xD3, 0x9F, 0x16);

    /// <summary>(This, MnpConfigData or null, SnpModeData or null)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_CONFIG_DATA*, EFI_SIMPLE_NETWORK_MODE*, EFI_STATUS>
        GetModeData;

    /// <summary>(This, MnpConfigData or null to reset)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_CONFIG_DATA*, EFI_STATUS> Configure;

    /// <summary>(This, Ipv6Flag, IpAddress, MacAddress)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, byte, EFI_IP_ADDRESS*, EFI_MAC_ADDRESS*, EFI_STATUS> McastIpToMac;

    /// <summary>(This, JoinFlag, MacAddress or null)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, byte, EFI_MAC_ADDRESS*, EFI_STATUS> Groups;
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Transmit;
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Receive;

    /// <summary>(This, Token or null for all)</summary>
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_MANAGED_NETWORK_COMPLETION_TOKEN*, EFI_STATUS> Cancel;
    public delegate* unmanaged<EFI_MANAGED_NETWORK_PROTOCOL*, EFI_STATUS> Poll;
}
