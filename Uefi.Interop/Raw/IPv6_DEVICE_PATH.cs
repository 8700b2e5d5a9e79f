using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>An IPv6 connection; ports and protocol in host order. UEFI 2.10, 10.3.4.12.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv6_DEVICE_PATH
{
    public const byte MSG_IPv6_DP = 0x0D;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public EFI_IPv6_ADDRESS LocalIpAddress;
    public EFI_IPv6_ADDRESS RemoteIpAddress;
    public ushort LocalPort;
    public ushort RemotePort;
    public ushort Protocol;
    public byte IpAddressOrigin;
    public byte PrefixLength;
    public EFI_IPv6_ADDRESS GatewayIpAddress;
}
