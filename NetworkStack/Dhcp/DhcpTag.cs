namespace NetworkStack;

/// <summary>DHCP option codes (RFC 2132 unless another is named).</summary>
public static class DhcpTag
{
    public const byte Pad = 0;
    public const byte SubnetMask = 1;
    public const byte Routers = 3;
    public const byte DnsServers = 6;
    public const byte LogServers = 7;
    public const byte HostName = 12;
    public const byte DomainName = 15;
    public const byte RootPath = 17;
    public const byte Mtu = 26;
    public const byte NtpServers = 42;
    public const byte VendorSpecific = 43;
    public const byte RequestedAddress = 50;
    public const byte LeaseTime = 51;
    public const byte Overload = 52;
    public const byte MessageType = 53;
    public const byte ServerIdentifier = 54;
    public const byte ParameterRequestList = 55;
    public const byte Message = 56;
    public const byte MaximumMessageSize = 57;
    public const byte VendorClass = 60;
    public const byte ClientIdentifier = 61;
    public const byte TftpServerName = 66;
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

    public const byte End = 255;

    /// <summary>In <see cref="Ipxe"/>: 1 tells a client not to wait for ProxyDHCP.</summary>
    public const byte IpxeNoProxyDhcp = 176;
}
