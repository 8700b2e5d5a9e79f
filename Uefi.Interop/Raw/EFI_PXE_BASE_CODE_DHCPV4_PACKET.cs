namespace Uefi.Interop.Raw;

/// <summary>A DHCPv4 packet as it was on the wire. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_DHCPV4_PACKET
{
    public byte BootpOpcode;
    public byte BootpHwType;
    public byte BootpHwAddrLen;
    public byte BootpGateHops;
    public uint BootpIdent;
    public ushort BootpSeconds;
    public ushort BootpFlags;
    public fixed byte BootpCiAddr[4];
    public fixed byte BootpYiAddr[4];
    public fixed byte BootpSiAddr[4];
    public fixed byte BootpGiAddr[4];
    public fixed byte BootpHwAddr[16];
    public fixed byte BootpSrvName[64];
    public fixed byte BootpBootFile[128];
    public uint DhcpMagik;

    /// <summary>The first of the options; they go on to the end of <see cref="EFI_PXE_BASE_CODE_PACKET"/>.</summary>
    public fixed byte DhcpOptions[56];
}
