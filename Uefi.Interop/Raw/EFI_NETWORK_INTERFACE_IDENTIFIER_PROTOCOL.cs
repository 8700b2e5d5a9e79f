namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Describes what lies under an SNP, an UNDI as a rule. UEFI 2.10, 24.2.</summary>
public unsafe struct EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL : IProtocol
{
    /// <summary>The present revision, with Ipv6Supported.</summary>
    public const ulong EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL_REVISION = 0x00020000;

    /// <summary>The value of Type for UNDI.</summary>
    public const byte EfiNetworkInterfaceUndi = 1;

    /// <summary>EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL_GUID as of UEFI 2.1 (edk2 calls it GUID_31).</summary>
    public static EFI_GUID Guid => new(0x1ACED566, 0x76ED, 0x4218, 0xBC, 0x81, 0x76, 0x7F, 0x1F, 0x97, 0x7A, 0x89);

    /// <summary>The revision of this structure.</summary>
    public ulong Revision;

    /// <summary>Where the !PXE structure of the interface is; 0 when there is none.</summary>
    public ulong Id;

    /// <summary>Where the UNDI's image lies, unrelocated, in memory; 0 when it does not.</summary>
    public ulong ImageAddr;

    /// <summary>Bytes of that image; 0 when there is none.</summary>
    public uint ImageSize;

    /// <summary>Four letters for DHCP's class identifier: "UNDI".</summary>
    public fixed byte StringId[4];

    /// <summary>The kind of interface: EfiNetworkInterfaceUndi.</summary>
    public byte Type;

    /// <summary>The UNDI's version, before the dot.</summary>
    public byte MajorVer;

    /// <summary>The UNDI's version, behind the dot.</summary>
    public byte MinorVer;

    /// <summary>BOOLEAN</summary>
    public byte Ipv6Supported;

    /// <summary>Which of the UNDI's interfaces it is, from 0.</summary>
    public ushort IfNum;
}
