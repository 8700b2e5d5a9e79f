using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Syslog;

/// <summary>
/// Sends lines of a log to a server, one a datagram, beside whatever goes on: nothing waits for it, and it says nothing itself, so that a log of what is
/// said cannot feed itself. A line stays in the log until there is a way to the server, and its first hop has answered ARP.
/// </summary>
public sealed class SyslogClient : IUdpHandler, INetworkTask, IDisposable
{
    /// <summary>RFC 3164, 4.1: bytes of a datagram.</summary>
    public const int MaximumMessage = 1024;

    private const ushort Port = 514;
    private const int LinesPerTurn = 8;

    /// <summary>Before a server is tried again that nobody knows the way to, in microseconds.</summary>
    private const ulong Pause = 5_000_000;

    private readonly Network _network;
    private readonly ISyslogSource _source;
    private readonly byte[] _message = new byte[MaximumMessage];
    private UdpSocket? _socket;
    private IPv4Address _askedHop; // for which the line before is waiting
    private ulong _asked;
    private ulong _notBefore;
    private ulong _now;

    /// <summary>Begins, for as long as the network lives or until it is disposed.</summary>
    public SyslogClient(Network network, ISyslogSource source)
    {
        _network = network;
        _source = source;
        network.Add(this);
    }

    INetworkTask? INetworkTask.Next { get; set; }

    /// <summary>Sends what can be sent at once: before the network goes.</summary>
    public void Flush() => OnTurn(_now);

    void INetworkTask.OnTurn(ulong now) => OnTurn(now);

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
    }

    void IUdpHandler.OnUnreachable(IPEndpoint destination, Unreachable reason)
    {
        // Nobody answers ARP: the line that waited for that is lost, and sent again. What the network says is not believed: the server may just not listen.
        if (reason == Unreachable.Neighbour && !_askedHop.IsAny)
        {
            _askedHop = default;
            _source.Position = _asked;
            _notBefore = _now + Pause;
        }
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _network.Remove(this);
        _socket?.Dispose();
        _socket = null;
    }

    private void OnTurn(ulong now)
    {
        _now = now;
        if (!_network.MayAllocate || !_source.HasLine || now < _notBefore)
        {
            return;
        }

        IPv4Address server = _source.Server;
        NetworkInterface? netif = server.IsUnicast ? _network.Route(server) : null;
        if (netif is null || !netif.TryRoute(server, out IPv4Address hop, out _))
        {
            return;
        }

        if (IsKnown(netif, hop))
        {
            _askedHop = default;
            for (int i = 0; i < LinesPerTurn && _source.HasLine; i++)
            {
                Send(netif, server);
            }
        }
        else if (_askedHop != hop)
        {
            // Of what waits for an answer to ARP only the newest is kept.
            _asked = _source.Position;
            _askedHop = hop;
            Send(netif, server);
        }
    }

    private void Send(NetworkInterface netif, IPv4Address server)
    {
        _socket ??= UdpSocket.Open(_network, this, 0, out _);
        int length = _source.TakeLine(_message);
        _socket?.SendFrom(netif, netif.Address, new IPEndpoint(server, Port), _message.AsSpan(0, length));
    }

    private static bool IsKnown(NetworkInterface netif, IPv4Address hop)
    {
        int at = 0;
        while (netif.TryNextNeighbour(ref at, out IPAddress address, out MacAddress? mac))
        {
            if (address == hop && mac is not null)
            {
                return true;
            }
        }

        return false;
    }
}
