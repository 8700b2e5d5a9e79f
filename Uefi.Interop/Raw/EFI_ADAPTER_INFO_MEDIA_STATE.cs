namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Media state: EFI_SUCCESS, EFI_NOT_READY (coming up), EFI_NO_MEDIA. UEFI 2.10, 11.12.5.</summary>
public struct EFI_ADAPTER_INFO_MEDIA_STATE
{
    /// <summary>EFI_ADAPTER_INFO_MEDIA_STATE_GUID</summary>
    public static EFI_GUID Guid => new(0xD7C74207, 0xA831, 0x4A26, 0xB1, 0xF5, 0xD1, 0x93, 0x06, 0x5C, 0xE8, 0xB6);

    /// <summary>One of the three statuses above.</summary>
    public EFI_STATUS MediaState;
}
