namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An entry of the ARP cache. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_ARP_ENTRY
{
    /// <summary>The neighbour's address.</summary>
    public EFI_IP_ADDRESS IpAddr;

    /// <summary>Its hardware address.</summary>
    public EFI_MAC_ADDRESS MacAddr;
}
