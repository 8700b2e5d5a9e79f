using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An IPv6 connection; ports and protocol in host order. UEFI 2.10, 10.3.4.12.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv6_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_IPv6_DP = 0x0D;

    /// <summary>Type, SubType and a length of 60 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The machine's own address; zeros for whatever it gets.</summary>
    public EFI_IPv6_ADDRESS LocalIpAddress;

    /// <summary>The server's address; zeros when it is not known.</summary>
    public EFI_IPv6_ADDRESS RemoteIpAddress;

    /// <summary>0 when there is none.</summary>
    public ushort LocalPort;

    /// <summary>0 when there is none.</summary>
    public ushort RemotePort;

    /// <summary>IP's number of the protocol: 6 TCP, 17 UDP.</summary>
    public ushort Protocol;

    /// <summary>Where LocalIpAddress is from: 0 set by hand, 1 stateless, 2 stateful autoconfiguration.</summary>
    public byte IpAddressOrigin;

    /// <summary>Bits of the prefix of LocalIpAddress, 0 - 128.</summary>
    public byte PrefixLength;

    /// <summary>The router; zeros when there is none.</summary>
    public EFI_IPv6_ADDRESS GatewayIpAddress;
}
