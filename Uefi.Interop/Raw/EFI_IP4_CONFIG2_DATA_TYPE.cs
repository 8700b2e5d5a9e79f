namespace Uefi.Interop.Raw;

/// <summary>What Ip4Config2 gets and sets. UEFI 2.10, 28.5.</summary>
public enum EFI_IP4_CONFIG2_DATA_TYPE : uint
{
    Ip4Config2DataTypeInterfaceInfo,
    Ip4Config2DataTypePolicy,
    Ip4Config2DataTypeManualAddress,
    Ip4Config2DataTypeGateway,
    Ip4Config2DataTypeDnsServer,
    Ip4Config2DataTypeMaximum,
}
