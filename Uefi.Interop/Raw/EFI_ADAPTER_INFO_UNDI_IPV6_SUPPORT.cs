namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Whether the adapter's UNDI does IPv6; BOOLEAN. UEFI 2.10, 11.12.8.</summary>
public struct EFI_ADAPTER_INFO_UNDI_IPV6_SUPPORT
{
    /// <summary>EFI_ADAPTER_INFO_UNDI_IPV6_SUPPORT_GUID</summary>
    public static EFI_GUID Guid => new(0x4BD56BE3, 0x4975, 0x4D8A, 0xA0, 0xAD, 0xC4, 0x91, 0x20, 0x4B, 0x5D, 0x4D);

    /// <summary>1: it does.</summary>
    public byte Ipv6Support;
}
