namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The last TFTP error. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_TFTP_ERROR
{
    /// <summary>The code of the ERROR packet.</summary>
    public byte ErrorCode;

    /// <summary>Its text, ended by a zero; cut when it is longer.</summary>
    public fixed byte ErrorString[127];
}
