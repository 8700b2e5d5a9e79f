namespace Uefi.Interop.Raw;

/// <summary>A route. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_ROUTE_ENTRY
{
    public EFI_IP_ADDRESS IpAddr;
    public EFI_IP_ADDRESS SubnetMask;
    public EFI_IP_ADDRESS GwAddr;
}
