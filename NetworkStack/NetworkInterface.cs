using System;
using Uefi.Interop;

namespace NetworkStack;

/// <summary>One link and its IPv4 configuration.</summary>
public sealed class NetworkInterface(string name, Link link)
{
    private const int MaximumDnsServers = 4;
    private readonly IPv4Address[] _dnsServers = new IPv4Address[MaximumDnsServers];
    private int _dnsServerCount;

    /// <summary>What users call it: "net0".</summary>
    public string Name { get; } = name;

    public Link Link { get; } = link;

    public bool IsOpen { get; private set; }

    /// <summary>0.0.0.0 until <see cref="Configure"/>.</summary>
    public IPv4Address Address { get; private set; }

    public IPv4Address Netmask { get; private set; }

    /// <summary>0.0.0.0 when there is none.</summary>
    public IPv4Address Gateway { get; private set; }

    public bool IsConfigured => !Address.IsAny;

    /// <summary>In the order in which they are to be asked; at most four.</summary>
    public ReadOnlySpan<IPv4Address> DnsServers => new(_dnsServers, 0, _dnsServerCount);

    /// <summary>The domain for names without a dot, or null. Its owner is who sets it.</summary>
    public string? Domain { get; set; }

    /// <summary>What DHCP gave, if that is where the configuration came from. The interface owns it: see <see cref="DhcpLease.ApplyTo"/>.</summary>
    public DhcpLease? Lease { get; set; }

    /// <summary>Makes the link move frames.</summary>
    public Error? Open()
    {
        throw new NotImplementedException();
    }

    /// <summary>Ends every connection on the interface, forgets its configuration and closes the link.</summary>
    public void Close()
    {
        throw new NotImplementedException();
    }

    /// <summary>Sets address, netmask and gateway (0.0.0.0 for none).</summary>
    public Error? Configure(IPv4Address address, IPv4Address netmask, IPv4Address gateway)
    {
        throw new NotImplementedException();
    }

    /// <summary>Forgets address, netmask, gateway, DNS servers and domain.</summary>
    public void ClearConfiguration()
    {
        throw new NotImplementedException();
    }

    /// <summary>Takes the first four.</summary>
    public void SetDnsServers(ReadOnlySpan<IPv4Address> servers)
    {
        _dnsServerCount = Math.Min(servers.Length, MaximumDnsServers);
        servers.Slice(0, _dnsServerCount).CopyTo(_dnsServers);
    }
}
