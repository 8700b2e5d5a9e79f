namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The kind of media. UEFI 2.10, 11.12.9.</summary>
public struct EFI_ADAPTER_INFO_MEDIA_TYPE
{
    /// <summary>EFI_ADAPTER_INFO_MEDIA_TYPE_GUID</summary>
    public static EFI_GUID Guid => new(0x8484472F, 0x71EC, 0x411A, 0xB3, 0x9C, 0x62, 0xCD, 0x94, 0xD9, 0x91, 0x6E);

    /// <summary>1 Ethernet, 2 wireless; 0 and others say nothing.</summary>
    public byte MediaType;
}
