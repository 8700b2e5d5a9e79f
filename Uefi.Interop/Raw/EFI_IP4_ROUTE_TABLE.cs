namespace Uefi.Interop.Raw;

/// <summary>A route of the firmware's IPv4 stack. UEFI 2.10, 28.3 (EFI_IP4_PROTOCOL.GetModeData).</summary>
public struct EFI_IP4_ROUTE_TABLE
{
    public EFI_IPv4_ADDRESS SubnetAddress;
    public EFI_IPv4_ADDRESS SubnetMask;
    public EFI_IPv4_ADDRESS GatewayAddress;
}
