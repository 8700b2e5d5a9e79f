using System;
using Uefi.Interop;

namespace NetworkStack;

public sealed class UdpSocket : IDisposable
{
    private UdpSocket(ushort port) => Port = port;

    public ushort Port { get; }

    public static UdpSocket? Open(Network network, IUdpHandler handler, ushort port, out Error? error) => throw new NotImplementedException();

    public Error? Send(IPv4Endpoint to, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    public Error? SendFrom(NetworkInterface nic, IPv4Address source, IPv4Endpoint to, ReadOnlySpan<byte> payload) => throw new NotImplementedException();

    public void Dispose()
    {
    }
}
