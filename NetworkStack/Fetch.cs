using NetBoot.NetworkStack.Dns;
using NetBoot.NetworkStack.Http;
using NetBoot.NetworkStack.Tftp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack;

/// <summary>Fetches what a URI names.</summary>
public static class Fetch
{
    /// <summary>Fetches by scheme (tftp, http); returns when all is received, or with what went wrong and where.</summary>
    public static Error? Run(Network network, EventLoop loop, ResourceUri uri, DownloadTarget to, FetchOptions options)
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
            return new HttpTransfer(network, loop, to, options, deadline).Run(uri);
        }

        return ResolveHost(network, loop, uri, deadline, out IPv4Address server)
            ?? network.Protocols.Tftp.Run(
                network, loop, new IPv4Endpoint(server, uri.Port ?? TftpPacket.ServerPort), uri, to, options, deadline);
    }

    /// <summary>Closes the connections that are kept for later transfers, and forgets resolved names.</summary>
    public static void CloseIdle(Network network)
    {
        network.Protocols.HttpConnections.Dispose();
        network.Protocols.Dns.Clear();
    }

    internal static Error? ResolveHost(Network network, EventLoop loop, ResourceUri uri, ulong deadline, out IPv4Address address)
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

        Error? error = DnsResolver.Resolve(network, loop, PercentEncoding.Decode(uri.Host!), deadline, out address);
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{uri}: {error.Message}"));
    }
}
