using System;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>A network interface as the app handles it: the stack's, with what it is and what the user set. Lives as long as the app.</summary>
public sealed class BootInterface : IDisposable
{
    private const int MaximumDnsServers = 4;

    private readonly Arena? _arena;
    private readonly OwnedText _domain = new();
    private readonly IPv4Address[] _suspendedDns = new IPv4Address[MaximumDnsServers];
    private readonly IPv4Address[] _ownDns = new IPv4Address[MaximumDnsServers];
    private IPv4Address _suspendedAddress;
    private IPv4Address _suspendedNetmask;
    private IPv4Address _suspendedGateway;
    private int _suspendedDnsCount;
    private int _ownDnsCount;
    private int _ownMtu;
    private DhcpLease? _suspendedLease;
    private readonly Dhcp6Message _suspendedAnswer = new();
    private IPAddress _suspendedGlobal;
    private IPAddress _suspendedIPv6Gateway;
    private bool _isSuspended;
    private bool _suspendedIPv6;
    private bool _needsIPv6;

    public BootInterface(NetworkInterface netif, string model)
    {
        Interface = netif;
        Model = model;
        Settings = new InterfaceBlock(this);
        Settings.Add(new LeaseBlock(this));
        Settings.Add(new AdvertisementBlock(Interface.IPv6));
        Settings.Add(new Dhcp6Block(this, "dhcp6"));
        Settings.Add(new Dhcp6Block(this, "dhcpv6"));
        Settings.Add(new LldpBlock(this));
    }

    /// <summary>Makes the interface of a VLAN, "net0-5", on a trunk, which lives longer.</summary>
    /// <param name="trunk">No VLAN itself.</param>
    /// <param name="link">On the trunk's link.</param>
    /// <param name="arena">Its memory, which is the current one, and goes with it.</param>
    public BootInterface(BootInterface trunk, VlanLink link, Arena arena)
        : this(new NetworkInterface(TextBuilder.Format($"{trunk.Interface.Name}-{link.VlanId}"), trunk.Interface, link), trunk.Model)
    {
        _arena = arena;
        Trunk = trunk;
        IsPci = trunk.IsPci;
        BusLocation = trunk.BusLocation;
        PciId = trunk.PciId;
    }

    public NetworkInterface Interface { get; }

    /// <summary>What a VLAN is on; null for no VLAN.</summary>
    public BootInterface? Trunk { get; }

    /// <summary>A VLAN's identifier; 0 for no VLAN.</summary>
    public int VlanId => Interface.Vlan?.VlanId ?? 0;

    /// <summary>The device as users know it.</summary>
    public string Model { get; }

    public InterfaceBlock Settings { get; }

    /// <summary>What gets and keeps its leases; null until a session has it.</summary>
    public DhcpClient? Dhcp { get; set; }

    /// <summary>The same of version 6: goes by what routers say.</summary>
    public Dhcp6Client? Dhcp6 { get; set; }

    /// <summary>The firmware's handle of the device, the trunk's of a VLAN; null when it is on no SNP. See <see cref="SnpLink.Handle"/>.</summary>
    public EFI_HANDLE Handle => (Trunk ?? this).Interface.Link is SnpLink link ? link.Handle : default;

    /// <summary>It is closed, for as long as something else runs on it.</summary>
    public bool IsSuspended => _isSuspended;

    /// <summary>What DHCP gave, also when it is suspended; null when it has no lease.</summary>
    public DhcpLease? Lease => _isSuspended ? _suspendedLease : Interface.Lease;

    /// <summary>What a DHCPv6 server answered, also before it was suspended; null when none did.</summary>
    public Dhcp6Message? Answer6 => !_isSuspended ? Dhcp6?.Answer : _suspendedAnswer.IsLoaded ? _suspendedAnswer : null;

    /// <summary>Its address of IPv6 for others than its neighbours, also before it was suspended; unspecified for none.</summary>
    public IPAddress Global => _isSuspended ? _suspendedGlobal : Interface.IPv6.Global;

    /// <summary>Its address of IPv4, also before it was suspended; 0.0.0.0 for none. So are its netmask and its routers.</summary>
    public IPv4Address Address => _isSuspended ? _suspendedAddress : Interface.Address;

    public IPv4Address Netmask => _isSuspended ? _suspendedNetmask : Interface.Netmask;

    public IPv4Address Gateway => _isSuspended ? _suspendedGateway : Interface.Gateway;

    public IPAddress IPv6Gateway => _isSuspended ? _suspendedIPv6Gateway : Interface.IPv6.Gateway;

    /// <summary>It had nothing but addresses of IPv6 before it was suspended, and hears routers again but has none yet.</summary>
    public bool LacksIPv6 => _needsIPv6 && Interface.IPv6.IsStarted && Interface.Link.IsUp && Interface.IPv6.Global.IsAny;

    public bool IsPci { get; init; }

    /// <summary>Segment, bus, device and function as in ${busloc:busdevfn}.</summary>
    public uint BusLocation { get; init; }

    /// <summary>Its PCI vendor (high 16 bits) and device.</summary>
    public uint PciId { get; init; }

    /// <summary>What the user set; 0.0.0.0 for nothing.</summary>
    public IPv4Address StaticAddress { get; private set; }

    public IPv4Address StaticNetmask { get; private set; }
    public IPv4Address StaticGateway { get; private set; }

    /// <summary>Takes what the user sets, 0.0.0.0 for nothing, and configures the interface with it. What is refused is forgotten.</summary>
    public Error? SetStatic(IPv4Address address, IPv4Address netmask, IPv4Address gateway)
    {
        (IPv4Address oldAddress, IPv4Address oldNetmask, IPv4Address oldGateway) = (StaticAddress, StaticNetmask, StaticGateway);
        (StaticAddress, StaticNetmask, StaticGateway) = (address, netmask, gateway);
        Error? error = ApplyStatic();
        if (error is not null)
        {
            (StaticAddress, StaticNetmask, StaticGateway) = (oldAddress, oldNetmask, oldGateway);
        }

        return error;
    }

    /// <summary>Opens the interface, and below a VLAN its trunk, with what the user has set.</summary>
    public Error? Open()
    {
        if (Interface.IsOpen)
        {
            return null;
        }

        Error? error = Trunk?.Open() ?? Interface.Open();
        if (error is null && !StaticAddress.IsAny)
        {
            error = ApplyStatic();
        }

        if (error is null && !Interface.IPv6.StaticAddress.IsAny)
        {
            StartIPv6();
        }

        ApplyOwn();
        return error;
    }

    /// <summary>Has an open interface hear IPv6 routers beside whatever else it does.</summary>
    /// <returns>False where the user has switched that off ("set ipv6 0").</returns>
    public bool StartIPv6()
    {
        SettingName name = SettingName.Predefined("ipv6");
        if ((Settings.TryFetchHere(name, out ReadOnlySpan<byte> value, out _) || Settings.Parent?.TryFetchHere(name, out value, out _) == true) &&
            value.SequenceEqual("0"u8))
        {
            return false;
        }

        Interface.IPv6.Start();
        return true;
    }

    /// <summary>Takes what the user sets of IPv6: see <see cref="IPv6Interface.SetStatic"/>.</summary>
    public void SetStaticIPv6(IPAddress address, int prefixLength, IPAddress gateway)
    {
        Interface.IPv6.SetStatic(address, prefixLength, gateway);
        if (!address.IsAny)
        {
            StartIPv6();
        }
    }

    /// <summary>Sets DNS servers, over those of any lease; none for those of the next.</summary>
    public void SetDnsServers(ReadOnlySpan<IPv4Address> servers)
    {
        _ownDnsCount = Math.Min(servers.Length, MaximumDnsServers);
        servers.Slice(0, _ownDnsCount).CopyTo(_ownDns);
        Interface.SetDnsServers(servers);
    }

    /// <summary>Limits the MTU, over that of any lease; 0 for the lease's.</summary>
    public void SetMtu(int mtu)
    {
        _ownMtu = mtu;
        Interface.LimitMtu(mtu != 0 ? mtu : Interface.Lease?.Mtu ?? 0);
    }

    /// <summary>Puts what the user set of DNS servers and MTU over what a lease has brought.</summary>
    public void ApplyOwn()
    {
        if (_ownDnsCount > 0)
        {
            Interface.SetDnsServers(new ReadOnlySpan<IPv4Address>(_ownDns, 0, _ownDnsCount));
        }

        if (_ownMtu != 0)
        {
            Interface.LimitMtu(_ownMtu);
        }
    }

    /// <summary>Closes the interface; its lease goes.</summary>
    public void Close()
    {
        Dhcp?.Stop();
        Dhcp6?.Stop();
        Interface.Close();
    }

    /// <summary>
    /// Closes the interface for as long as something else runs on it; what it was configured with is kept. A trunk whose VLANs are open is closed with the last
    /// of them.
    /// </summary>
    public void Suspend()
    {
        _isSuspended = Interface.IsOpen;
        if (!_isSuspended)
        {
            return;
        }

        Dhcp?.Stop();
        _suspendedIPv6 = Interface.IPv6.IsStarted;
        _needsIPv6 = !Interface.IsConfigured && !Interface.IPv6.Global.IsAny;
        _suspendedAddress = Interface.Address;
        _suspendedNetmask = Interface.Netmask;
        _suspendedGateway = Interface.Gateway;
        _suspendedDnsCount = Math.Min(Interface.DnsServers.Length, MaximumDnsServers);
        Interface.DnsServers.Slice(0, _suspendedDnsCount).CopyTo(_suspendedDns);
        _domain.Set(Interface.Domain);
        DhcpLease? lease = Interface.Lease;
        _suspendedLease = lease is null ? null : DhcpLease.FromPackets(lease.Ack.Packet, lease.Proxy is null ? default : lease.Proxy.Packet, lease.Offer, out _);
        _suspendedGlobal = Interface.IPv6.Global;
        _suspendedIPv6Gateway = Interface.IPv6.Gateway;
        _suspendedAnswer.Clear();
        if (Dhcp6?.Answer is Dhcp6Message answer)
        {
            _suspendedAnswer.TryLoad(answer.Packet);
        }

        if (!Interface.HasOpenVlan)
        {
            Interface.Close();
        }

        if (Trunk is { IsSuspended: true } && !Trunk.Interface.HasOpenVlan)
        {
            Trunk.Interface.Close();
        }
    }

    /// <summary>Opens the interface again as it was.</summary>
    /// <param name="keepsTrying">Where somebody else has the NIC it stays suspended, with what it had; else that is given up.</param>
    public Error? Resume(bool keepsTrying = false)
    {
        if (!_isSuspended)
        {
            return null;
        }

        Error? error = Interface.Open();
        if (error is not null && keepsTrying)
        {
            return error;
        }

        _isSuspended = false;
        if (_suspendedIPv6)
        {
            Interface.IPv6.Start();
        }

        if (error is null && !_suspendedAddress.IsAny)
        {
            error = Interface.Configure(_suspendedAddress, _suspendedNetmask, _suspendedGateway);
            Interface.SetDnsServers(new ReadOnlySpan<IPv4Address>(_suspendedDns, 0, _suspendedDnsCount));
            Interface.Domain = _domain.Value.Length > 0 ? _domain.Value : null;
            Interface.Lease = _suspendedLease;
            _suspendedLease?.ApplyPathsTo(Interface);
            ApplyOwn();
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
        Dhcp?.Dispose();
        Dhcp6?.Dispose();
        Interface.Domain = null;
        _domain.Dispose();
        _arena?.Dispose();
    }

    // With what the user set, over what a lease brought. Without an address nothing happens yet.
    private Error? ApplyStatic()
    {
        DhcpLease? lease = Interface.Lease;
        IPv4Address address = StaticAddress.IsAny ? Interface.Address : StaticAddress;
        if (address.IsAny)
        {
            return StaticNetmask.IsNetmask ? null : Interface.Configure(address, StaticNetmask, StaticGateway);
        }

        IPv4Address netmask = !StaticNetmask.IsAny ? StaticNetmask : lease is not null ? lease.Netmask : ClassMask(address);
        IPv4Address gateway = !StaticGateway.IsAny ? StaticGateway : lease is not null ? lease.Gateway : default;
        return Interface.Configure(address, netmask, gateway);
    }

    /// <summary>What an address' class gives when nobody says (RFC 950).</summary>
    private static IPv4Address ClassMask(IPv4Address address) =>
        new((address.Value >> 30) switch { < 2 => 0xFF00_0000, 2 => 0xFFFF_0000, _ => 0xFFFF_FF00u });
}
