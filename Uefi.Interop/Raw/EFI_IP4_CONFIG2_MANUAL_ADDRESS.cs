namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An address set by hand. UEFI 2.10, 28.5.</summary>
public struct EFI_IP4_CONFIG2_MANUAL_ADDRESS
{
    /// <summary>The address of the interface.</summary>
    public EFI_IPv4_ADDRESS Address;

    /// <summary>Its netmask.</summary>
    public EFI_IPv4_ADDRESS SubnetMask;
}
