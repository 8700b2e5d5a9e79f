using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>The way from here to a host, chosen once: what is sent along it needs to know no version.</summary>
internal readonly struct Flow
{
    /// <param name="netif">Where it goes out.</param>
    /// <param name="source">Ours; 0.0.0.0 or :: while there is none.</param>
    /// <param name="destination">Of the same version.</param>
    public Flow(NetworkInterface netif, IPAddress source, IPAddress destination)
    {
        Interface = netif;
        Source = source;
        Destination = destination;
        AddressSum = source.ChecksumSum + destination.ChecksumSum;
    }

    /// <summary>Where it goes out.</summary>
    public NetworkInterface Interface { get; }

    /// <summary>Ours.</summary>
    public IPAddress Source { get; }

    /// <summary>Where all of it is to arrive.</summary>
    public IPAddress Destination { get; }

    /// <summary>The addresses' part of a pseudo-header's sum.</summary>
    public ulong AddressSum { get; }

    /// <summary>Bytes of the IP header before each packet.</summary>
    public int HeaderSize => IsIPv6 ? IPv6Packet.HeaderSize : IPv4Packet.HeaderSize;

    /// <summary>The most bytes of a datagram, header included, that the link takes.</summary>
    public int Mtu => IsIPv6 ? Interface.IPv6.Mtu : Interface.Mtu;

    private bool IsIPv6 => Destination.Family == AddressFamily.IPv6;
}
