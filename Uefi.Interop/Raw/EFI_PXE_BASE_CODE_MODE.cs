using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What the firmware's PXE knows and has received; BOOLEANs are bytes. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_MODE
{
    /// <summary>Entries of ArpCache.</summary>
    public const int EFI_PXE_BASE_CODE_MAX_ARP_ENTRIES = 8;

    /// <summary>Entries of RouteTable.</summary>
    public const int EFI_PXE_BASE_CODE_MAX_ROUTE_ENTRIES = 8;

    /// <summary>BOOLEAN: Start was called; without it nothing below counts.</summary>
    public byte Started;

    /// <summary>BOOLEAN: this machine's firmware does IPv6.</summary>
    public byte Ipv6Available;

    /// <summary>BOOLEAN: this implementation does IPv6.</summary>
    public byte Ipv6Supported;

    /// <summary>BOOLEAN: addresses and packets are IPv6's.</summary>
    public byte UsingIpv6;

    /// <summary>BOOLEAN: it knows Boot Integrity Services.</summary>
    public byte BisSupported;

    /// <summary>BOOLEAN: the machine has Boot Integrity Services.</summary>
    public byte BisDetected;

    /// <summary>BOOLEAN: addresses are resolved when they are needed.</summary>
    public byte AutoArp;

    /// <summary>BOOLEAN: the hardware address in DHCP is the machine's GUID.</summary>
    public byte SendGUID;

    /// <summary>BOOLEAN: DhcpDiscover is filled in.</summary>
    public byte DhcpDiscoverValid;

    /// <summary>BOOLEAN: DhcpAck is filled in.</summary>
    public byte DhcpAckReceived;

    /// <summary>BOOLEAN: ProxyOffer is filled in.</summary>
    public byte ProxyOfferReceived;

    /// <summary>BOOLEAN: PxeDiscover is filled in.</summary>
    public byte PxeDiscoverValid;

    /// <summary>BOOLEAN: PxeReply is filled in.</summary>
    public byte PxeReplyReceived;

    /// <summary>BOOLEAN: PxeBisReply is filled in.</summary>
    public byte PxeBisReplyReceived;

    /// <summary>BOOLEAN: IcmpError is filled in.</summary>
    public byte IcmpErrorReceived;

    /// <summary>BOOLEAN: TftpError is filled in.</summary>
    public byte TftpErrorReceived;

    /// <summary>BOOLEAN: EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL is called, if the handle has it.</summary>
    public byte MakeCallbacks;

    /// <summary>Time to live of datagrams that are sent.</summary>
    public byte TTL;

    /// <summary>Type of service of datagrams that are sent.</summary>
    public byte ToS;

    /// <summary>The station's own address; zeros before it has one.</summary>
    public EFI_IP_ADDRESS StationIp;

    /// <summary>The netmask of StationIp.</summary>
    public EFI_IP_ADDRESS SubnetMask;

    /// <summary>The DISCOVER that was sent last.</summary>
    public EFI_PXE_BASE_CODE_PACKET DhcpDiscover;

    /// <summary>The ACK that gave the address.</summary>
    public EFI_PXE_BASE_CODE_PACKET DhcpAck;

    /// <summary>The answer of a ProxyDHCP server.</summary>
    public EFI_PXE_BASE_CODE_PACKET ProxyOffer;

    /// <summary>The request to a boot server that was sent last.</summary>
    public EFI_PXE_BASE_CODE_PACKET PxeDiscover;

    /// <summary>The answer of a boot server.</summary>
    public EFI_PXE_BASE_CODE_PACKET PxeReply;

    /// <summary>The answer of a boot server with Boot Integrity Services.</summary>
    public EFI_PXE_BASE_CODE_PACKET PxeBisReply;

    /// <summary>What is received.</summary>
    public EFI_PXE_BASE_CODE_IP_FILTER IpFilter;

    /// <summary>How many of ArpCache count, up to 8.</summary>
    public uint ArpCacheEntries;

    /// <summary>Neighbours.</summary>
    public ArpEntries ArpCache;

    /// <summary>How many of RouteTable count, up to 8.</summary>
    public uint RouteTableEntries;

    /// <summary>Routes.</summary>
    public RouteEntries RouteTable;

    /// <summary>The last ICMP error.</summary>
    public EFI_PXE_BASE_CODE_ICMP_ERROR IcmpError;

    /// <summary>The last TFTP error.</summary>
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
