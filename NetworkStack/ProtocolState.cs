using System;
using NetBoot.NetworkStack.Dns;
using NetBoot.NetworkStack.Http;
using NetBoot.NetworkStack.Tftp;

namespace NetBoot.NetworkStack;

/// <summary>What the protocols keep between one transfer and the next, for as long as the network lives.</summary>
internal sealed class ProtocolState : IDisposable
{
    public HttpConnectionPool HttpConnections { get; } = new();
    public TftpClient Tftp { get; } = new();
    public DnsCache Dns { get; } = new();

    public void Dispose()
    {
        HttpConnections.Dispose();
        Tftp.Dispose();
    }
}
