using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>Name servers; one or more EFI_IP_ADDRESS follow. UEFI 2.10, 10.3.4.29.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct DNS_DEVICE_PATH
{
    public const byte MSG_DNS_DP = 0x1F;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public byte IsIPv6;
}
