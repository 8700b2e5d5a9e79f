namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What a callback says of what goes on. UEFI 2.10, 24.4.2.</summary>
public enum EFI_PXE_BASE_CODE_CALLBACK_STATUS : uint
{
    /// <summary>No answer: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_CALLBACK_STATUS_FIRST,

    /// <summary>It goes on.</summary>
    EFI_PXE_BASE_CODE_CALLBACK_STATUS_CONTINUE,

    /// <summary>It ends with EFI_ABORTED.</summary>
    EFI_PXE_BASE_CODE_CALLBACK_STATUS_ABORT,

    /// <summary>No answer: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_CALLBACK_STATUS_LAST,
}
