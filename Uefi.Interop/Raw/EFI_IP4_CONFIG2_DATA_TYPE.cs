namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What Ip4Config2 gets and sets. UEFI 2.10, 28.5.</summary>
public enum EFI_IP4_CONFIG2_DATA_TYPE : uint
{
    /// <summary>An <see cref="EFI_IP4_CONFIG2_INTERFACE_INFO"/>; can only be read.</summary>
    Ip4Config2DataTypeInterfaceInfo,

    /// <summary>An <see cref="EFI_IP4_CONFIG2_POLICY"/>.</summary>
    Ip4Config2DataTypePolicy,

    /// <summary><see cref="EFI_IP4_CONFIG2_MANUAL_ADDRESS"/>es; set only under the static policy.</summary>
    Ip4Config2DataTypeManualAddress,

    /// <summary><see cref="EFI_IPv4_ADDRESS"/>es; set only under the static policy.</summary>
    Ip4Config2DataTypeGateway,

    /// <summary><see cref="EFI_IPv4_ADDRESS"/>es; set only under the static policy.</summary>
    Ip4Config2DataTypeDnsServer,

    /// <summary>No type: the first number that is none.</summary>
    Ip4Config2DataTypeMaximum,
}
