namespace Uefi.Interop.Raw;

/// <summary>An address set by hand. UEFI 2.10, 28.5.</summary>
public struct EFI_IP4_CONFIG2_MANUAL_ADDRESS
{
    public EFI_IPv4_ADDRESS Address;
    public EFI_IPv4_ADDRESS SubnetMask;
}
