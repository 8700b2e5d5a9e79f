using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>An IPv4 connection; ports and protocol in host order. UEFI 2.10, 10.3.4.11.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IPv4_DEVICE_PATH
{
    public const byte MSG_IPv4_DP = 0x0C;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public EFI_IPv4_ADDRESS LocalIpAddress;
    public EFI_IPv4_ADDRESS RemoteIpAddress;
    public ushort LocalPort;
    public ushort RemotePort;
    public ushort Protocol;
    public byte StaticIpAddress;
    public EFI_IPv4_ADDRESS GatewayIpAddress;
    public EFI_IPv4_ADDRESS SubnetMask;
}
