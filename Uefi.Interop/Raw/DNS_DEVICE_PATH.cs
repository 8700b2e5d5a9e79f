using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Name servers; one or more EFI_IP_ADDRESS follow. UEFI 2.10, 10.3.4.29.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct DNS_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_DNS_DP = 0x1F;

    /// <summary>Type, SubType and a length of 5 bytes and 16 for each address.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0: the addresses are IPv4; 1: IPv6.</summary>
    public byte IsIPv6;
}
