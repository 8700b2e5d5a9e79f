using NetBoot.NetworkStack.Interfaces;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>Who tells the user what a search for DHCP servers waits for.</summary>
public interface IDhcpObserver
{
    /// <summary>No server has answered yet, and the switch port may still be blocked by its spanning tree.</summary>
    /// <param name="netif">The interface at that port.</param>
    void OnBlockedPort(NetworkInterface netif);
}
