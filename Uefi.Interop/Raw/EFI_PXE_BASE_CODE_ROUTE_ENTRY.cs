namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A route. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_ROUTE_ENTRY
{
    /// <summary>Where the route leads; zeros for the default route.</summary>
    public EFI_IP_ADDRESS IpAddr;

    /// <summary>The netmask of IpAddr.</summary>
    public EFI_IP_ADDRESS SubnetMask;

    /// <summary>The router.</summary>
    public EFI_IP_ADDRESS GwAddr;
}
