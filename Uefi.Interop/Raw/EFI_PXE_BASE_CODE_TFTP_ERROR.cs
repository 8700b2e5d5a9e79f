namespace Uefi.Interop.Raw;

/// <summary>The last TFTP error. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_TFTP_ERROR
{
    public byte ErrorCode;
    public fixed byte ErrorString[127];
}
