namespace Uefi.Interop.Raw;

/// <summary>The firmware's IPv4 stack on one interface. UEFI 2.10, 28.5.</summary>
public unsafe struct EFI_IP4_CONFIG2_INTERFACE_INFO
{
    public const int EFI_IP4_CONFIG2_INTERFACE_INFO_NAME_SIZE = 32;

    /// <summary>Ended by a zero.</summary>
    public fixed char Name[EFI_IP4_CONFIG2_INTERFACE_INFO_NAME_SIZE];
    public byte IfType;
    public uint HwAddressSize;
    public EFI_MAC_ADDRESS HwAddress;
    public EFI_IPv4_ADDRESS StationAddress;
    public EFI_IPv4_ADDRESS SubnetMask;

    /// <summary>In entries, as edk2 fills it in (the specification says bytes).</summary>
    public uint RouteTableSize;
    public EFI_IP4_ROUTE_TABLE* RouteTable;
}
