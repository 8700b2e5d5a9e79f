namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Which member of the PXE base code calls back. UEFI 2.10, 24.4.2.</summary>
public enum EFI_PXE_BASE_CODE_FUNCTION : uint
{
    /// <summary>No function: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_FIRST,

    /// <summary>Start.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_START,

    /// <summary>Stop.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_STOP,

    /// <summary>Dhcp.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_DHCP,

    /// <summary>Discover.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_DISCOVER,

    /// <summary>Mtftp.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_MTFTP,

    /// <summary>UdpWrite.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_UDP_WRITE,

    /// <summary>UdpRead.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_UDP_READ,

    /// <summary>Arp.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_ARP,

    /// <summary>IGMP.</summary>
    EFI_PXE_BASE_CODE_FUNCTION_IGMP,

    /// <summary>No function: it bounds the range.</summary>
    EFI_PXE_BASE_CODE_PXE_FUNCTION_LAST,
}
