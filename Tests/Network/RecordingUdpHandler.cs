using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Network;

/// <summary>Writes down what arrives at a socket.</summary>
public sealed class RecordingUdpHandler : IUdpHandler
{
    public List<(NetworkInterface Interface, IPEndpoint Source, IPAddress Destination, byte[] Payload)> Datagrams { get; } = [];
    public List<(IPEndpoint Destination, Unreachable Reason)> Failures { get; } = [];
    public Action? Arrived { get; set; }

    public void OnDatagram(in UdpDatagram datagram)
    {
        Datagrams.Add((datagram.Interface, datagram.Source, datagram.Destination, datagram.Payload.ToArray()));
        Arrived?.Invoke();
    }

    public void OnUnreachable(IPEndpoint destination, Unreachable reason) => Failures.Add((destination, reason));
}
