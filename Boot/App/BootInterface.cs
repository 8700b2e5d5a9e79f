using System;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>A network interface as the app handles it: the stack's, with what it is and what the user set. Lives as long as the app.</summary>
public sealed class BootInterface : IDisposable
{
    private const int MaximumDnsServers = 4;

    private readonly OwnedText _domain = new();
    private readonly IPv4Address[] _suspendedDns = new IPv4Address[MaximumDnsServers];
    private IPv4Address _suspendedAddress;
    private IPv4Address _suspendedNetmask;
    private IPv4Address _suspendedGateway;
    private int _suspendedDnsCount;
    private DhcpLease? _suspendedLease;
    private bool _isSuspended;

    public BootInterface(NetworkInterface netif, string model)
    {
        Interface = netif;
        Model = model;
        Settings = new InterfaceBlock(this);
        Settings.Add(new LeaseBlock("dhcp", this, isProxy: false));
    }

    public NetworkInterface Interface { get; }

    /// <summary>The device as users know it.</summary>
    public string Model { get; }

    public InterfaceBlock Settings { get; }

    /// <summary>The firmware's handle of the device; null when it is on no SNP. See <see cref="SnpLink.Handle"/>.</summary>
    public EFI_HANDLE Handle => Interface.Link is SnpLink link ? link.Handle : default;

    /// <summary>What DHCP gave, of an interface that is suspended; null when it has no lease, or is not suspended.</summary>
    public DhcpLease? SuspendedLease => _suspendedLease;

    public bool IsPci { get; init; }

    /// <summary>Segment, bus, device and function as in ${busloc:busdevfn}.</summary>
    public uint BusLocation { get; init; }

    /// <summary>Its PCI vendor (high 16 bits) and device.</summary>
    public uint PciId { get; init; }

    /// <summary>What the user set; 0.0.0.0 for nothing.</summary>
    public IPv4Address StaticAddress { get; set; }

    public IPv4Address StaticNetmask { get; set; }
    public IPv4Address StaticGateway { get; set; }

    /// <summary>Configures the interface with what the user set, over what it has. Without an address nothing happens yet.</summary>
    public Error? ApplyStatic()
    {
        IPv4Address address = StaticAddress.IsAny ? Interface.Address : StaticAddress;
        if (address.IsAny)
        {
            return null;
        }

        IPv4Address netmask = !StaticNetmask.IsAny ? StaticNetmask : !Interface.Netmask.IsAny ? Interface.Netmask : ClassMask(address);
        IPv4Address gateway = StaticGateway.IsAny ? Interface.Gateway : StaticGateway;
        return Interface.Configure(address, netmask, gateway);
    }

    /// <summary>Closes the interface; its lease and what was set go.</summary>
    public void Close()
    {
        ForgetStatic();
        Interface.Close();
    }

    /// <summary>Closes the interface for as long as something else runs on it; what it was configured with is kept.</summary>
    public void Suspend()
    {
        _isSuspended = Interface.IsOpen;
        if (!_isSuspended)
        {
            return;
        }

        _suspendedAddress = Interface.Address;
        _suspendedNetmask = Interface.Netmask;
        _suspendedGateway = Interface.Gateway;
        _suspendedDnsCount = Math.Min(Interface.DnsServers.Length, MaximumDnsServers);
        Interface.DnsServers.Slice(0, _suspendedDnsCount).CopyTo(_suspendedDns);
        _domain.Set(Interface.Domain);
        DhcpLease? lease = Interface.Lease;
        _suspendedLease = lease is null ? null : DhcpLease.FromPackets(lease.Ack.Packet, lease.Proxy is null ? default : lease.Proxy.Packet, out _);
        Interface.Close();
    }

    /// <summary>Opens the interface again as it was.</summary>
    public Error? Resume()
    {
        if (!_isSuspended)
        {
            return null;
        }

        _isSuspended = false;
        Error? error = Interface.Open();
        if (error is null && !_suspendedAddress.IsAny)
        {
            error = Interface.Configure(_suspendedAddress, _suspendedNetmask, _suspendedGateway);
            Interface.SetDnsServers(new ReadOnlySpan<IPv4Address>(_suspendedDns, 0, _suspendedDnsCount));
            Interface.Domain = _domain.Value.Length > 0 ? _domain.Value : null;
            Interface.Lease = _suspendedLease;
        }
        else
        {
            _suspendedLease?.Dispose();
        }

        _suspendedLease = null;
        return error;
    }

    /// <summary>A lease supersedes what was set.</summary>
    public void ForgetStatic()
    {
        StaticAddress = default;
        StaticNetmask = default;
        StaticGateway = default;
    }

    public void SetDomain(ReadOnlySpan<char> domain)
    {
        Interface.Domain = null;
        _domain.Set(domain);
        Interface.Domain = domain.Length > 0 ? _domain.Value : null;
    }

    public void Dispose()
    {
        Interface.Domain = null;
        _domain.Dispose();
    }

    /// <summary>What an address' class gives when nobody says (RFC 950).</summary>
    private static IPv4Address ClassMask(IPv4Address address) =>
        new((address.Value >> 30) switch { < 2 => 0xFF00_0000, 2 => 0xFFFF_0000, _ => 0xFFFF_FF00u });
}
