using System;
using System.Text;
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
    /// <summary>Addresses of a name; more are not tried.</summary>
    public const int MaximumAddresses = DnsCache.MaximumAddresses;

    private readonly HttpConnectionPool _connections = new();
    private readonly TftpClient _tftp = new();
    private readonly DnsCache _names = new();
    private readonly IPAddress[] _dnsServers = new IPAddress[DnsResolver.MaximumServers];
    private DnsCache? _known;
    private int _dnsServerCount;

    /// <summary>What is fetched, and over which streams.</summary>
    public SchemeTable Schemes { get; } = new();

    /// <summary>Who is asked for everything that is fetched by HTTP, in the place of its own server (RFC 9110, 3.7); null for nobody.</summary>
    public ResourceUri? HttpProxy { get; set; }

    /// <summary>Nothing is fetched by anything but HTTPS, also where a server redirects to.</summary>
    public bool IsHttpsOnly { get; set; }

    /// <summary>What digest authentication is computed with; null to do without.</summary>
    public IHashes? Hashes { get; set; }

    /// <summary>
    /// What a server refused the last transfer by TFTP with: the error's code, high byte first, and the beginning of its text (RFC 1350, 5). Empty when
    /// none did.
    /// </summary>
    public ReadOnlySpan<byte> TftpRefusal => _tftp.Refusal;

    /// <summary>Fetches by scheme; returns when all is received, or with what went wrong and where.</summary>
    /// <param name="uri">Whole.</param>
    /// <param name="to">Gets the content.</param>
    /// <param name="options">Times and tries.</param>
    public Error? Run(ResourceUri uri, DownloadTarget to, FetchOptions options)
    {
        ulong deadline = options.Timeout == 0 ? 0 : loop.Now + options.Timeout;
        Scheme? scheme = Schemes.Find(uri.Scheme);
        if (CheckPolicy(uri) is Error refusal)
        {
            return refusal;
        }

        if (scheme is null)
        {
            return uri.Scheme is null
                ? new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{uri}: not a whole URI"))
                : new Error(
                    EFI_STATUS.EFI_UNSUPPORTED,
                    TextBuilder.Format($"{uri}: scheme \"{uri.Scheme}\" is not supported (http{(Schemes.Find("https") is null ? "" : ", https")} and tftp are)"));
        }

        if (scheme.Streams is not null)
        {
            return new HttpTransfer(this, network, loop, _connections, to, options, deadline).Run(uri);
        }

        Span<IPAddress> servers = stackalloc IPAddress[MaximumAddresses];
        Error? error = ResolveHost(uri, deadline, servers, out int count);
        if (error is not null)
        {
            return error;
        }

        error = _tftp.Run(network, loop, servers.Slice(0, count), uri, to, options);
        for (int i = _tftp.Winner - 1; i >= 0; i--)
        {
            Demote(servers[i]);
        }

        return error;
    }

    /// <summary>Has names asked of these servers and no others; of the interfaces' when there are none.</summary>
    /// <param name="servers">The first eight are taken.</param>
    public void SetDnsServers(ReadOnlySpan<IPAddress> servers)
    {
        _dnsServerCount = Math.Min(servers.Length, _dnsServers.Length);
        servers.Slice(0, _dnsServerCount).CopyTo(_dnsServers);
    }

    /// <summary>Finds the addresses of a name.</summary>
    /// <param name="name">A host name, or an address of either version as text.</param>
    /// <param name="deadline">When to give up, in microseconds of <see cref="EventLoop.Now"/>; 0 for the resolver's own patience.</param>
    /// <param name="addresses">Room for <see cref="MaximumAddresses"/>: those that were found, in the order to try them.</param>
    /// <param name="count">How many; 0 with an error.</param>
    public Error? Resolve(string name, ulong deadline, Span<IPAddress> addresses, out int count) =>
        DnsResolver.Resolve(network, loop, _names, new ReadOnlySpan<IPAddress>(_dnsServers, 0, _dnsServerCount), name, deadline, addresses, out count);

    /// <summary>Addresses of names that were found once are used from now on where nobody can be asked. In the current arena.</summary>
    public void KeepNames() => _known = new DnsCache();

    /// <summary>Closes the connections that are kept for later transfers, and forgets resolved names.</summary>
    public void CloseIdle()
    {
        _connections.Dispose();
        _names.Clear();
    }

    /// <summary>Closes all that was kept, and what a transfer had that was left in the middle (<see cref="Fault.IsOutOfMemory"/>): its target is not written to any more.</summary>
    public void Dispose()
    {
        _connections.Dispose();
        _tftp.Dispose();
    }

    /// <summary>Nobody was at an address: others of the same name are to be tried first.</summary>
    internal void Demote(IPAddress address) => _names.Demote(address);

    /// <summary>Why something is not fetched, see <see cref="IsHttpsOnly"/>.</summary>
    internal Error? CheckPolicy(ResourceUri uri) => IsHttpsOnly && uri.Scheme != "https"
        ? new Error(EFI_STATUS.EFI_ACCESS_DENIED, TextBuilder.Format($"{uri}: this image fetches by https alone (it was made with --https-only)"))
        : null;

    internal Error? ResolveHost(ResourceUri uri, ulong deadline, Span<IPAddress> addresses, out int count)
    {
        count = 0;
        if (string.IsNullOrEmpty(uri.Host))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{uri}: no host is named"));
        }

        string host = PercentEncoding.Decode(uri.Host!);
        Error? error = Resolve(host, deadline, addresses, out count);
        if (_known is not null)
        {
            error = UseKnown(_known, host, error, addresses, ref count);
        }

        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{uri}: {error.Message}"));
    }

    /// <param name="known">What was found before, of every age.</param>
    /// <param name="host">The name that was looked up.</param>
    /// <param name="error">What came of it.</param>
    /// <param name="addresses">Those found.</param>
    /// <param name="count">How many.</param>
    private static Error? UseKnown(DnsCache known, string host, Error? error, Span<IPAddress> addresses, ref int count)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        Span<IPAddress> before = stackalloc IPAddress[MaximumAddresses];
        if (host.Length > name.Length || error?.Status == EFI_STATUS.EFI_ABORTED)
        {
            return error;
        }

        name = name.Slice(0, Encoding.Latin1.GetBytes(host, name));
        bool isKnown = known.TryGet(name, 0, before, out int countBefore);
        if (error is not null && isKnown)
        {
            before.Slice(0, countBefore).CopyTo(addresses);
            count = countBefore;
            return null;
        }

        if (error is null && !isKnown && !IPAddress.TryParse(host, out _) && !known.IsFull)
        {
            known.Add(name, addresses.Slice(0, count), uint.MaxValue, 0);
        }

        return error;
    }
}
