namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The address for storage traffic. UEFI 2.10, 11.12.7.</summary>
public struct EFI_ADAPTER_INFO_SAN_MAC_ADDRESS
{
    /// <summary>EFI_ADAPTER_INFO_SAN_MAC_ADDRESS_GUID</summary>
    public static EFI_GUID Guid => new(0x114DA5EF, 0x2CF1, 0x4E12, 0x9B, 0xBB, 0xC4, 0x70, 0xB5, 0x52, 0x05, 0xD9);

    /// <summary>In its first 6 bytes on Ethernet.</summary>
    public EFI_MAC_ADDRESS SanMacAddress;
}
