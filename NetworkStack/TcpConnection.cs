using System;
using Uefi.Interop;

namespace NetworkStack;

public sealed class TcpConnection : IDisposable
{
    private TcpConnection(IPv4Endpoint remote) => Remote = remote;

    public IPv4Endpoint Remote { get; }

    public bool IsConnected => false;

    public static TcpConnection? Connect(Network network, IPv4Endpoint remote, ITcpHandler handler, out Error? error) => throw new NotImplementedException();

    public int Send(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    public void Close()
    {
    }

    public void Abort()
    {
    }

    public void Dispose()
    {
    }
}
