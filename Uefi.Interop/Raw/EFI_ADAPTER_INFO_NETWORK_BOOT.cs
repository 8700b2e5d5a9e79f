namespace Uefi.Interop.Raw;

/// <summary>What kinds of network boot the adapter does; BOOLEANs. UEFI 2.10, 11.12.6.</summary>
public struct EFI_ADAPTER_INFO_NETWORK_BOOT
{
    /// <summary>EFI_ADAPTER_INFO_NETWORK_BOOT_GUID</summary>
    public static EFI_GUID Guid => new(0x1FBD2960, 0x4130, 0x41E5, 0x94, 0xAC, 0xD2, 0xCF, 0x03, 0x7F, 0xB3, 0x7C);

    public byte iScsiIpv4BootCapablity;
    public byte iScsiIpv6BootCapablity;
    public byte FCoeBootCapablity;
    public byte OffloadCapability;
    public byte iScsiMpioCapability;
    public byte iScsiIpv4Boot;
    public byte iScsiIpv6Boot;
    public byte FCoeBoot;
}
