using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>A way to a network that is not the interface's own.</summary>
/// <param name="network">Its first address.</param>
/// <param name="netmask">What an address in it has in common with that; 0.0.0.0 for all.</param>
/// <param name="gateway">Who forwards to it, whether or not in the interface's network; 0.0.0.0 when it is on the link itself.</param>
public readonly struct IPv4Route(IPv4Address network, IPv4Address netmask, IPv4Address gateway)
{
    /// <summary>The network's first address.</summary>
    public readonly IPv4Address Network = network;

    /// <summary>0.0.0.0 for the route to everywhere.</summary>
    public readonly IPv4Address Netmask = netmask;

    /// <summary>0.0.0.0 when the network is on the link itself.</summary>
    public readonly IPv4Address Gateway = gateway;
}
