namespace Uefi.Interop.Raw;

/// <summary>Describes what lies under an SNP, an UNDI as a rule. UEFI 2.10, 24.2.</summary>
public unsafe struct EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL : IProtocol
{
    public const ulong EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL_REVISION = 0x00020000;

    /// <summary>The value of Type for UNDI.</summary>
    public const byte EfiNetworkInterfaceUndi = 1;

    /// <summary>EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL_GUID as of UEFI 2.1 (edk2 calls it GUID_31).</summary>
    public static EFI_GUID Guid => new(0x1ACED566, 0x76ED, 0x4218, 0xBC, 0x81, 0x76, 0x7F, 0x1F, 0x97, 0x7A, 0x89);

    public ulong Revision;
    public ulong Id;
    public ulong ImageAddr;
    public uint ImageSize;
    public fixed byte StringId[4];
    public byte Type;
    public byte MajorVer;
    public byte MinorVer;

    /// <summary>BOOLEAN</summary>
    public byte Ipv6Supported;
    public ushort IfNum;
}
