namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What kinds of network boot the adapter does; BOOLEANs. UEFI 2.10, 11.12.6.</summary>
public struct EFI_ADAPTER_INFO_NETWORK_BOOT
{
    /// <summary>EFI_ADAPTER_INFO_NETWORK_BOOT_GUID</summary>
    public static EFI_GUID Guid => new(0x1FBD2960, 0x4130, 0x41E5, 0x94, 0xAC, 0xD2, 0xCF, 0x03, 0x7F, 0xB3, 0x7C);

    /// <summary>It can boot by iSCSI over IPv4.</summary>
    public byte iScsiIpv4BootCapablity;

    /// <summary>It can boot by iSCSI over IPv6.</summary>
    public byte iScsiIpv6BootCapablity;

    /// <summary>It can boot by Fibre Channel over Ethernet.</summary>
    public byte FCoeBootCapablity;

    /// <summary>It takes work of iSCSI or FCoE off the processor.</summary>
    public byte OffloadCapability;

    /// <summary>It can reach an iSCSI target by several ways.</summary>
    public byte iScsiMpioCapability;

    /// <summary>It is set up to boot by iSCSI over IPv4.</summary>
    public byte iScsiIpv4Boot;

    /// <summary>It is set up to boot by iSCSI over IPv6.</summary>
    public byte iScsiIpv6Boot;

    /// <summary>It is set up to boot by Fibre Channel over Ethernet.</summary>
    public byte FCoeBoot;
}
