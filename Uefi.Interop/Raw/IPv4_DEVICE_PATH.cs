using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An IPv4 connection; ports and protocol in host order. UEFI 2.10, 10.3.4.11.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv4_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_IPv4_DP = 0x0C;

    /// <summary>Type, SubType and a length of 27 bytes; 19 in old firmware, without the last two members.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The machine's own address; zeros for whatever it gets.</summary>
    public EFI_IPv4_ADDRESS LocalIpAddress;

    /// <summary>The server's address; zeros when it is not known.</summary>
    public EFI_IPv4_ADDRESS RemoteIpAddress;

    /// <summary>0 when there is none.</summary>
    public ushort LocalPort;

    /// <summary>0 when there is none.</summary>
    public ushort RemotePort;

    /// <summary>IP's number of the protocol: 6 TCP, 17 UDP.</summary>
    public ushort Protocol;

    /// <summary>BOOLEAN: LocalIpAddress is set by hand, not by DHCP.</summary>
    public byte StaticIpAddress;

    /// <summary>The router; zeros when there is none.</summary>
    public EFI_IPv4_ADDRESS GatewayIpAddress;

    /// <summary>The netmask of LocalIpAddress.</summary>
    public EFI_IPv4_ADDRESS SubnetMask;
}
