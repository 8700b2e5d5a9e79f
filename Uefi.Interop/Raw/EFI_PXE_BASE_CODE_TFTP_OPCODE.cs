namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What Mtftp does. UEFI 2.10, 24.3.5.</summary>
public enum EFI_PXE_BASE_CODE_TFTP_OPCODE : uint
{
    /// <summary>No operation: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_TFTP_FIRST,

    /// <summary>A file's size by TFTP.</summary>
    EFI_PXE_BASE_CODE_TFTP_GET_FILE_SIZE,

    /// <summary>A file by TFTP.</summary>
    EFI_PXE_BASE_CODE_TFTP_READ_FILE,

    /// <summary>A file to the server by TFTP.</summary>
    EFI_PXE_BASE_CODE_TFTP_WRITE_FILE,

    /// <summary>The list of files that a server has as a file.</summary>
    EFI_PXE_BASE_CODE_TFTP_READ_DIRECTORY,

    /// <summary>A file's size by multicast TFTP.</summary>
    EFI_PXE_BASE_CODE_MTFTP_GET_FILE_SIZE,

    /// <summary>A file by multicast TFTP.</summary>
    EFI_PXE_BASE_CODE_MTFTP_READ_FILE,

    /// <summary>The list of files by multicast TFTP.</summary>
    EFI_PXE_BASE_CODE_MTFTP_READ_DIRECTORY,

    /// <summary>No operation: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_MTFTP_LAST,
}
