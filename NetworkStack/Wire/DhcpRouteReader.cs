using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over the routes in option 121 (RFC 3442): a prefix length, as many bytes of the network as it covers, a router.</summary>
public ref struct DhcpRouteReader(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    /// <summary>The network's first address.</summary>
    public IPv4Address Network { get; private set; }

    /// <summary>Of the network; 0.0.0.0 for the route to everywhere.</summary>
    public IPv4Address Netmask { get; private set; }

    /// <summary>Who forwards to it; 0.0.0.0 when the network is on the link itself.</summary>
    public IPv4Address Router { get; private set; }

    /// <summary>Moves to the next route; false at the end, or where what follows is none.</summary>
    public bool Read()
    {
        if (_rest.IsEmpty || _rest[0] > 32)
        {
            return false;
        }

        int bits = _rest[0];
        int bytes = (bits + 7) / 8;
        if (_rest.Length < 1 + bytes + 4)
        {
            return false;
        }

        uint network = 0;
        for (int i = 0; i < bytes; i++)
        {
            network |= (uint)_rest[1 + i] << (24 - 8 * i);
        }

        uint netmask = bits == 0 ? 0 : uint.MaxValue << (32 - bits);
        Network = new IPv4Address(network & netmask);
        Netmask = new IPv4Address(netmask);
        Router = DhcpMessage.ReadAddress(_rest.Slice(1 + bytes));
        _rest = _rest.Slice(1 + bytes + 4);
        return true;
    }
}
