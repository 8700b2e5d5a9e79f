namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A boot server. UEFI 2.10, 24.3.5.</summary>
public struct EFI_PXE_BASE_CODE_SRVLIST
{
    /// <summary>As in the boot menu.</summary>
    public ushort Type;

    /// <summary>BOOLEAN: whoever answers is believed. Of the first only, or of all.</summary>
    public byte AcceptAnyResponse;

    /// <summary>0.</summary>
    public byte reserved;

    /// <summary>Where it is.</summary>
    public EFI_IP_ADDRESS IpAddr;
}
