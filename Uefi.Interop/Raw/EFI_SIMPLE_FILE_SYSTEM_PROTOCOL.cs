namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A volume with files. UEFI 2.10, 13.4.</summary>
public unsafe struct EFI_SIMPLE_FILE_SYSTEM_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const ulong EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION = 0x00010000;

    /// <summary>EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x964E5B22, 0x6459, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION.</summary>
    public ulong Revision;

    /// <summary>The root directory, which the caller closes. (This, Root)</summary>
    public delegate* unmanaged<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL*, EFI_FILE_PROTOCOL**, EFI_STATUS> OpenVolume;
}
