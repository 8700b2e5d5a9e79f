namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A DHCPv4 packet as it was on the wire. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_DHCPV4_PACKET
{
    /// <summary>"op": 1 request, 2 reply.</summary>
    public byte BootpOpcode;

    /// <summary>"htype": 1 for Ethernet.</summary>
    public byte BootpHwType;

    /// <summary>"hlen": 6 for Ethernet.</summary>
    public byte BootpHwAddrLen;

    /// <summary>"hops": relays on the way.</summary>
    public byte BootpGateHops;

    /// <summary>"xid": the transaction, in network order as all that follow.</summary>
    public uint BootpIdent;

    /// <summary>"secs": since the client began.</summary>
    public ushort BootpSeconds;

    /// <summary>"flags": 0x8000 asks for a broadcast answer.</summary>
    public ushort BootpFlags;

    /// <summary>"ciaddr": the address that the client has already.</summary>
    public fixed byte BootpCiAddr[4];

    /// <summary>"yiaddr": the address for the client.</summary>
    public fixed byte BootpYiAddr[4];

    /// <summary>"siaddr": the server that the boot file is on.</summary>
    public fixed byte BootpSiAddr[4];

    /// <summary>"giaddr": the relay.</summary>
    public fixed byte BootpGiAddr[4];

    /// <summary>"chaddr": the client's hardware address; its first hlen bytes.</summary>
    public fixed byte BootpHwAddr[16];

    /// <summary>"sname": name of the server, ended by a zero, or options.</summary>
    public fixed byte BootpSrvName[64];

    /// <summary>"file": name of the boot file, ended by a zero, or options.</summary>
    public fixed byte BootpBootFile[128];

    /// <summary>The bytes 99, 130, 83, 99, that options follow.</summary>
    public uint DhcpMagik;

    /// <summary>The first of the options; they go on to the end of <see cref="EFI_PXE_BASE_CODE_PACKET"/>.</summary>
    public fixed byte DhcpOptions[56];
}
