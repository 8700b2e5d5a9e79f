namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Where the configuration comes from. UEFI 2.10, 28.5.</summary>
public enum EFI_IP4_CONFIG2_POLICY : uint
{
    /// <summary>Set by hand.</summary>
    Ip4Config2PolicyStatic,

    /// <summary>By DHCP, which the firmware begins when this is set.</summary>
    Ip4Config2PolicyDhcp,

    /// <summary>No policy: the first number that is none.</summary>
    Ip4Config2PolicyMax,
}
