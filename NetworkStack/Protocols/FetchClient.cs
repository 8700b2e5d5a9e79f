using System;
using NetBoot.NetworkStack.Protocols.Dns;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Protocols.Tftp;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols;

/// <summary>
/// Fetches what URIs name, and keeps from one transfer to the next what makes that quick: connections, addresses of names. Whoever makes it
/// disposes it.
/// </summary>
/// <param name="network">Where it connects from.</param>
/// <param name="loop">Turns while it waits.</param>
public sealed class FetchClient(Network network, EventLoop loop) : IDisposable
{
    private readonly HttpConnectionPool _connections = new();
    private readonly TftpClient _tftp = new();
    private readonly DnsCache _names = new();

    /// <summary>Fetches by scheme (tftp, http); returns when all is received, or with what went wrong and where.</summary>
    public Error? Run(ResourceUri uri, DownloadTarget to, FetchOptions options)
    {
        ulong deadline = options.Timeout == 0 ? 0 : loop.Now + options.Timeout;
        if (uri.Scheme is not ("http" or "tftp"))
        {
            return uri.Scheme is null
                ? new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{uri}: not a whole URI"))
                : new Error(
                    EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{uri}: scheme \"{uri.Scheme}\" is not supported (http and tftp are)"));
        }

        if (uri.Scheme == "http")
        {
            return new HttpTransfer(this, network, loop, _connections, to, options, deadline).Run(uri);
        }

        return ResolveHost(uri, deadline, out IPv4Address server)
            ?? _tftp.Run(
                network, loop, new IPv4Endpoint(server, uri.Port ?? TftpPacket.ServerPort), uri, to, options, deadline);
    }

    /// <summary>Finds the address of a name.</summary>
    /// <param name="name">A host name, or an IPv4 address as text.</param>
    /// <param name="deadline">When to give up, in microseconds of <see cref="EventLoop.Now"/>; 0 for the resolver's own patience.</param>
    /// <param name="address">The first that was found.</param>
    public Error? Resolve(string name, ulong deadline, out IPv4Address address) =>
        DnsResolver.Resolve(network, loop, _names, name, deadline, out address);

    /// <summary>Closes the connections that are kept for later transfers, and forgets resolved names.</summary>
    public void CloseIdle()
    {
        _connections.Dispose();
        _names.Clear();
    }

    /// <summary>Closes all that was kept.</summary>
    public void Dispose()
    {
        _connections.Dispose();
        _tftp.Dispose();
    }

    internal Error? ResolveHost(ResourceUri uri, ulong deadline, out IPv4Address address)
    {
        address = default;
        if (string.IsNullOrEmpty(uri.Host))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{uri}: no host is named"));
        }

        if (uri.IsIPv6Literal)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{uri}: IPv6 is not supported"));
        }

        Error? error = Resolve(PercentEncoding.Decode(uri.Host!), deadline, out address);
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{uri}: {error.Message}"));
    }
}
