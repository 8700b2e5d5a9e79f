using System.Runtime.CompilerServices;

namespace Uefi.Interop.Raw;

/// <summary>What the firmware's PXE knows and has received; BOOLEANs are bytes. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_MODE
{
    public const int EFI_PXE_BASE_CODE_MAX_ARP_ENTRIES = 8;
    public const int EFI_PXE_BASE_CODE_MAX_ROUTE_ENTRIES = 8;

    public byte Started;
    public byte Ipv6Available;
    public byte Ipv6Supported;
    public byte UsingIpv6;
    public byte BisSupported;
    public byte BisDetected;
    public byte AutoArp;
    public byte SendGUID;
    public byte DhcpDiscoverValid;
    public byte DhcpAckReceived;
    public byte ProxyOfferReceived;
    public byte PxeDiscoverValid;
    public byte PxeReplyReceived;
    public byte PxeBisReplyReceived;
    public byte IcmpErrorReceived;
    public byte TftpErrorReceived;
    public byte MakeCallbacks;
    public byte TTL;
    public byte ToS;
    public EFI_IP_ADDRESS StationIp;
    public EFI_IP_ADDRESS SubnetMask;
    public EFI_PXE_BASE_CODE_PACKET DhcpDiscover;
    public EFI_PXE_BASE_CODE_PACKET DhcpAck;
    public EFI_PXE_BASE_CODE_PACKET ProxyOffer;
    public EFI_PXE_BASE_CODE_PACKET PxeDiscover;
    public EFI_PXE_BASE_CODE_PACKET PxeReply;
    public EFI_PXE_BASE_CODE_PACKET PxeBisReply;
    public EFI_PXE_BASE_CODE_IP_FILTER IpFilter;
    public uint ArpCacheEntries;
    public ArpEntries ArpCache;
    public uint RouteTableEntries;
    public RouteEntries RouteTable;
    public EFI_PXE_BASE_CODE_ICMP_ERROR IcmpError;
    public EFI_PXE_BASE_CODE_TFTP_ERROR TftpError;

    /// <summary>ArpCache's entries.</summary>
    [InlineArray(EFI_PXE_BASE_CODE_MAX_ARP_ENTRIES)]
    public struct ArpEntries
    {
        private EFI_PXE_BASE_CODE_ARP_ENTRY _first;
    }

    /// <summary>RouteTable's entries.</summary>
    [InlineArray(EFI_PXE_BASE_CODE_MAX_ROUTE_ENTRIES)]
    public struct RouteEntries
    {
        private EFI_PXE_BASE_CODE_ROUTE_ENTRY _first;
    }
}
