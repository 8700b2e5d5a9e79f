namespace NetBoot.NetworkStack.Wire;

/// <summary>DHCP option codes (RFC 2132 unless another is named).</summary>
public static class DhcpTag
{
    /// <summary>No option: one byte to be skipped.</summary>
    public const byte Pad = 0;

    /// <summary>4 bytes.</summary>
    public const byte SubnetMask = 1;

    /// <summary>Addresses, the best first.</summary>
    public const byte Routers = 3;

    /// <summary>Addresses, the best first.</summary>
    public const byte DnsServers = 6;

    /// <summary>Addresses, the best first.</summary>
    public const byte LogServers = 7;

    /// <summary>The client's name, with or without its domain.</summary>
    public const byte HostName = 12;

    /// <summary>The domain to look names up in.</summary>
    public const byte DomainName = 15;

    /// <summary>Where a client's root file system is.</summary>
    public const byte RootPath = 17;

    /// <summary>2 bytes.</summary>
    public const byte Mtu = 26;

    /// <summary>Addresses, the best first.</summary>
    public const byte NtpServers = 42;

    /// <summary>Options of the vendor's own, for PXE those of its 2.2.3.</summary>
    public const byte VendorSpecific = 43;

    /// <summary>4 bytes.</summary>
    public const byte RequestedAddress = 50;

    /// <summary>Seconds, 4 bytes.</summary>
    public const byte LeaseTime = 51;

    /// <summary>Whether file (1), sname (2) or both (3) hold options too.</summary>
    public const byte Overload = 52;

    /// <summary>1 byte: <see cref="DhcpMessageType"/>.</summary>
    public const byte MessageType = 53;

    /// <summary>The address of the server that is meant, or answers.</summary>
    public const byte ServerIdentifier = 54;

    /// <summary>The tags that the client wants.</summary>
    public const byte ParameterRequestList = 55;

    /// <summary>Why a server refuses.</summary>
    public const byte Message = 56;

    /// <summary>Bytes, IP and UDP headers included; 2 bytes.</summary>
    public const byte MaximumMessageSize = 57;

    /// <summary>T1: when the client asks its server to renew, in seconds, 4 bytes.</summary>
    public const byte RenewalTime = 58;

    /// <summary>T2: when it asks all servers, in seconds, 4 bytes.</summary>
    public const byte RebindingTime = 59;

    /// <summary>What the client is: "PXEClient:Arch:...".</summary>
    public const byte VendorClass = 60;

    /// <summary>How the server knows the client again.</summary>
    public const byte ClientIdentifier = 61;

    /// <summary>In place of sname.</summary>
    public const byte TftpServerName = 66;

    /// <summary>In place of file.</summary>
    public const byte BootFileName = 67;

    /// <summary>RFC 3004.</summary>
    public const byte UserClass = 77;

    /// <summary>RFC 4578, 2.1.</summary>
    public const byte ClientArchitecture = 93;

    /// <summary>RFC 4578, 2.2.</summary>
    public const byte NetworkInterfaceIdentifier = 94;

    /// <summary>RFC 4578, 2.3.</summary>
    public const byte ClientMachineIdentifier = 97;

    /// <summary>RFC 3397.</summary>
    public const byte DomainSearch = 119;

    /// <summary>RFC 3442.</summary>
    public const byte ClasslessStaticRoutes = 121;

    /// <summary>Encapsulated options of iPXE and its kin.</summary>
    public const byte Ipxe = 175;

    /// <summary>iSCSI initiator name, as iPXE reads it.</summary>
    public const byte InitiatorName = 203;

    /// <summary>No option: nothing follows.</summary>
    public const byte End = 255;

    /// <summary>In <see cref="Ipxe"/>: 1 tells a client not to wait for ProxyDHCP.</summary>
    public const byte IpxeNoProxyDhcp = 176;
}
