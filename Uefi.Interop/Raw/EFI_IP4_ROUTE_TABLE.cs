namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A route of the firmware's IPv4 stack. UEFI 2.10, 28.3 (EFI_IP4_PROTOCOL.GetModeData).</summary>
public struct EFI_IP4_ROUTE_TABLE
{
    /// <summary>Where the route leads; zeros for the default route.</summary>
    public EFI_IPv4_ADDRESS SubnetAddress;

    /// <summary>The netmask of SubnetAddress.</summary>
    public EFI_IPv4_ADDRESS SubnetMask;

    /// <summary>The router; zeros for a network that is on the link.</summary>
    public EFI_IPv4_ADDRESS GatewayAddress;
}
