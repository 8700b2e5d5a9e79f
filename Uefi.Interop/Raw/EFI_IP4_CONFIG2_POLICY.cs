namespace Uefi.Interop.Raw;

/// <summary>Where the configuration comes from. UEFI 2.10, 28.5.</summary>
public enum EFI_IP4_CONFIG2_POLICY : uint
{
    Ip4Config2PolicyStatic,
    Ip4Config2PolicyDhcp,
    Ip4Config2PolicyMax,
}
