using System;
using NetBoot.Boot.App;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>nstat: who is known on the links, and who does not answer yet.</summary>
public sealed class NeighbourStatusTests : IUdpHandler, IDisposable
{
    private readonly TestSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Nstat_HasNeighbours_ThatAnswered_AndThatDidNotYet()
    {
        TestLink link = new(1);
        link.Peer = new PeerHost(link, new IPv4Address(192, 0, 2, 1));
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", link), "NIC"));
        _session.EventLoop.Network = _session.Session.Network;
        Assert.True(_session.Run("ifopen net0\nset net0/ip 192.0.2.50\nset net0/netmask 255.255.255.0\nnstat").IsSuccess);
        using UdpSocket socket = UdpSocket.Open(_session.Session.Network, this, 0, out _)!;

        socket.Send(new IPEndpoint(new IPv4Address(192, 0, 2, 1), 9), [1]);
        socket.Send(new IPEndpoint(new IPv4Address(192, 0, 2, 9), 9), [1]);
        _session.Session.Network.Poll(1);
        _session.Run("nstat");

        Assert.Equal("net0 IPv4 192.0.2.1 is Ethernet 52:55:0a:00:02:02\nnet0 IPv4 192.0.2.9 is being asked for\n", _session.Output);
    }

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
    }
}
