using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>A UDP port (RFC 768) and who is called for what arrives at it, on every interface or on one.</summary>
public sealed class UdpSocket : IDisposable
{
    private readonly Network _network;
    private readonly Arena _arena;
    private bool _isDisposed;

    private UdpSocket(Network network, Arena arena, IUdpHandler handler, ushort port, NetworkInterface? netif, bool isShared)
    {
        Interface = netif;
        IsShared = isShared;
        _network = network;
        _arena = arena;
        Handler = handler;
        Port = port;
    }

    /// <summary>The local port.</summary>
    public ushort Port { get; }

    internal IUdpHandler Handler { get; }

    /// <summary>The only one whose datagrams it gets; null for all.</summary>
    internal NetworkInterface? Interface { get; }

    /// <summary>It hears what it is sent beside another socket of the same port.</summary>
    internal bool IsShared { get; }

    internal UdpSocket? Next { get; set; }

    /// <summary>Opens a port.</summary>
    /// <param name="network">Whose interfaces it sends and receives on.</param>
    /// <param name="handler">Called while the network is polled.</param>
    /// <param name="port">0 for a random one of the dynamic ports (RFC 6056).</param>
    /// <param name="error">EFI_ACCESS_DENIED when the port is open already.</param>
    public static UdpSocket? Open(Network network, IUdpHandler handler, ushort port, out Error? error) =>
        Open(network, handler, port, null, out error);

    /// <summary>The same on one interface alone: others may have the port too.</summary>
    public static UdpSocket? Open(Network network, IUdpHandler handler, ushort port, NetworkInterface? netif, out Error? error) =>
        Open(network, handler, port, netif, isShared: false, out error);

    /// <summary>
    /// The same beside whoever has the port on that interface, or will have it: each hears what comes to it. For somebody else's programs, which know nothing of
    /// what is open here.
    /// </summary>
    public static UdpSocket? OpenShared(Network network, IUdpHandler handler, ushort port, NetworkInterface netif, out Error? error) =>
        Open(network, handler, port, netif, isShared: true, out error);

    private static UdpSocket? Open(Network network, IUdpHandler handler, ushort port, NetworkInterface? netif, bool isShared, out Error? error)
    {
        error = null;
        if (port == 0)
        {
            port = network.NewUdpPort();
        }
        else if (!isShared && network.HasUdp(port, netif))
        {
            error = new Error(EFI_STATUS.EFI_ACCESS_DENIED, TextBuilder.Format($"UDP port {(uint)port} is in use"));
            return null;
        }

        Arena? arena = Arena.TryCreate(0);
        if (arena is null)
        {
            error = new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "UDP: out of memory");
            return null;
        }

        UdpSocket socket;
        using (arena.Enter())
        {
            socket = new UdpSocket(network, arena, handler, port, netif, isShared);
        }

        network.Add(socket);
        return socket;
    }

    /// <summary>
    /// Sends a datagram along the route to its destination. While the neighbour's address is being asked for one datagram
    /// waits, the newest; while the link has no room, the interface's first few frames wait, and others are lost, as on any wire.
    /// </summary>
    /// <returns>EFI_NO_MAPPING without a route, EFI_BAD_BUFFER_SIZE when it does not fit the MTU.</returns>
    public Error? Send(IPEndpoint to, ReadOnlySpan<byte> payload)
    {
        return _network.TryFlow(to.Address, out Flow flow) ? Send(flow, to, payload) : _network.NoRoute(to.Address);
    }

    /// <summary>The same through one interface and from any source address (DHCP: 0.0.0.0).</summary>
    public Error? SendFrom(NetworkInterface netif, IPAddress source, IPEndpoint to, ReadOnlySpan<byte> payload) =>
        Send(new Flow(netif, source, to.Address), to, payload);

    private Error? Send(in Flow flow, IPEndpoint to, ReadOnlySpan<byte> payload)
    {
        int size = UdpPacket.HeaderSize + payload.Length;
        Span<byte> packet = _network.Transport;
        SendStatus status = SendStatus.TooBig;
        if (size <= packet.Length)
        {
            packet = packet.Slice(0, size);
            payload.CopyTo(packet.Slice(UdpPacket.HeaderSize));
            UdpPacket.WriteHeader(packet, flow.AddressSum, Port, to.Port);
            status = _network.Send(flow, IPProtocol.Udp, size, 0);
        }

        return status switch
        {
            SendStatus.TooBig => new Error(
                EFI_STATUS.EFI_BAD_BUFFER_SIZE, TextBuilder.Format($"{to}: a datagram of {payload.Length} bytes does not fit the MTU of {flow.Interface.Name}, {flow.Mtu}")),
            SendStatus.NoRoute => _network.NoRoute(to.Address),
            SendStatus.Closed => new Error(EFI_STATUS.EFI_NOT_STARTED, TextBuilder.Format($"{flow.Interface.Name} is not open")),
            _ => null,
        };
    }

    /// <summary>Closes the port. Legal in the handler's own call.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _network.Remove(this);
        _arena.Dispose();
    }
}
