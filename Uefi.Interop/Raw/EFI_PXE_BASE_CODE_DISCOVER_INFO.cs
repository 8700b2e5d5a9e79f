namespace NetBoot.Uefi.Interop.Raw;

/// <summary>How boot servers are looked for; BOOLEANs are bytes. UEFI 2.10, 24.3.5.</summary>
public struct EFI_PXE_BASE_CODE_DISCOVER_INFO
{
    /// <summary>BOOLEAN: they are asked at ServerMCastIp.</summary>
    public byte UseMCast;

    /// <summary>BOOLEAN: they are asked by broadcast.</summary>
    public byte UseBCast;

    /// <summary>BOOLEAN: those of the list are asked.</summary>
    public byte UseUCast;

    /// <summary>BOOLEAN: only those of the list are believed.</summary>
    public byte MustUseList;

    /// <summary>A group.</summary>
    public EFI_IP_ADDRESS ServerMCastIp;

    /// <summary>How many there are of SrvList.</summary>
    public ushort IpCnt;

    /// <summary>The first; the others follow it.</summary>
    public EFI_PXE_BASE_CODE_SRVLIST SrvList;
}
