namespace Uefi.Interop.Raw;

/// <summary>An entry of the ARP cache. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_ARP_ENTRY
{
    public EFI_IP_ADDRESS IpAddr;
    public EFI_MAC_ADDRESS MacAddr;
}
