namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The firmware's IPv4 stack on one interface. UEFI 2.10, 28.5.</summary>
public unsafe struct EFI_IP4_CONFIG2_INTERFACE_INFO
{
    /// <summary>Characters of Name, with the zero.</summary>
    public const int EFI_IP4_CONFIG2_INTERFACE_INFO_NAME_SIZE = 32;

    /// <summary>Ended by a zero.</summary>
    public fixed char Name[EFI_IP4_CONFIG2_INTERFACE_INFO_NAME_SIZE];

    /// <summary>The hardware type, as <see cref="EFI_SIMPLE_NETWORK_MODE.IfType"/>.</summary>
    public byte IfType;

    /// <summary>Bytes of HwAddress that count.</summary>
    public uint HwAddressSize;

    /// <summary>The hardware address in use.</summary>
    public EFI_MAC_ADDRESS HwAddress;

    /// <summary>The address in use; zeros when there is none.</summary>
    public EFI_IPv4_ADDRESS StationAddress;

    /// <summary>Zeros when there is no address.</summary>
    public EFI_IPv4_ADDRESS SubnetMask;

    /// <summary>In entries, as edk2 fills it in (the specification says bytes).</summary>
    public uint RouteTableSize;

    /// <summary>In the buffer that GetData filled, behind this structure; null when there are no routes.</summary>
    public EFI_IP4_ROUTE_TABLE* RouteTable;
}
