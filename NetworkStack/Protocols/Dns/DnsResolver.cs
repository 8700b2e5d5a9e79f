using System;
using System.Text;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Dns;

/// <summary>
/// Names to IPv4 addresses (RFC 1034; RFC 1035), by asking the servers of all interfaces for A records. A name without a dot is first
/// looked up in the interfaces' domains and search lists, one with a dot last.
/// </summary>
internal sealed class DnsResolver : IUdpHandler
{
    private const int MaximumServers = 8;

    /// <summary>Each server gets this long, in microseconds, before the next is asked too; twice as long in each further round.</summary>
    private const ulong FirstTimeout = 1_000_000;
    private const int Rounds = 3;

    /// <summary>Domains of an interface's search list that are looked in.</summary>
    private const int MaximumSearched = 6;

    /// <summary>How often a name may stand for another one that has to be asked for.</summary>
    private const int MaximumAliases = 8;

    private readonly Network _network;
    private readonly EventLoop _loop;
    private readonly DnsCache _cache;
    private readonly ulong _deadline;
    private readonly IPv4Address[] _servers = new IPv4Address[MaximumServers];
    private readonly bool[] _hasFailed = new bool[MaximumServers];
    private readonly byte[] _name = new byte[DnsName.MaximumSize];
    private readonly byte[] _alias = new byte[DnsName.MaximumSize];
    private readonly byte[] _query = new byte[DnsMessage.MaximumQuerySize];
    private int _serverCount;
    private int _nameLength;
    private int _aliasLength;
    private ushort _id;
    private DnsVerdict _verdict;
    private IPv4Address _address;
    private uint _lifetime;

    private DnsResolver(Network network, EventLoop loop, DnsCache cache, ulong deadline)
    {
        _network = network;
        _loop = loop;
        _cache = cache;
        _deadline = deadline;
    }

    /// <summary>Resolves a name, or reads an address ("192.0.2.1"), which needs no server.</summary>
    /// <param name="network">Whose interfaces' servers are asked.</param>
    /// <param name="loop">Turns while answers are awaited.</param>
    /// <param name="cache">What was found before, and where what is found is kept.</param>
    /// <param name="name">A host name, or an IPv4 address as text.</param>
    /// <param name="deadline">When to give up, in microseconds of <see cref="EventLoop.Now"/>; 0 for the resolver's own patience.</param>
    /// <param name="address">The first that was found.</param>
    public static Error? Resolve(Network network, EventLoop loop, DnsCache cache, string name, ulong deadline, out IPv4Address address) =>
        IPv4Address.TryParse(name.AsSpan(), out address) ? null : new DnsResolver(network, loop, cache, deadline).Run(name, out address);

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        int server = IndexOf(datagram.Source.Address);
        if (server < 0 || datagram.Source.Port != DnsMessage.Port || _verdict == DnsVerdict.Found)
        {
            return;
        }

        DnsVerdict verdict = DnsMessage.ReadAnswer(
            datagram.Payload, _id, _name.AsSpan(0, _nameLength), out IPv4Address address, out uint lifetime, _alias, out int aliasLength);
        if (verdict == DnsVerdict.ServerFailure)
        {
            _hasFailed[server] = true;
        }
        else if (verdict != DnsVerdict.Ignored)
        {
            _verdict = verdict;
            _address = address;
            _lifetime = lifetime;
            _aliasLength = aliasLength;
        }
    }

    void IUdpHandler.OnUnreachable(IPv4Endpoint destination, Unreachable reason)
    {
        int server = IndexOf(destination.Address);
        if (server >= 0)
        {
            _hasFailed[server] = true;
        }
    }

    private Error? Run(string name, out IPv4Address address)
    {
        address = default;
        CollectServers();
        bool isDotted = name.AsSpan().IndexOf('.') >= 0;
        Error? error = isDotted ? Look(name, "", out address) : null;
        if (isDotted && (!MayBeElsewhere(error, out _) || name[name.Length - 1] == '.'))
        {
            return error;
        }

        for (int i = 0; i < _network.Interfaces.Count; i++)
        {
            NetworkInterface netif = _network.Interfaces[i];
            if (netif.Domain is string domain && domain.Length > 0 && !MayBeElsewhere(Look(name, domain, out address), out Error? inDomain))
            {
                return inDomain;
            }

            ReadOnlySpan<byte> search = default;
            netif.Lease?.TryGetOption(DhcpTag.DomainSearch, out search);
            int at = 0;
            for (int domains = 0; domains < MaximumSearched && TryReadDomain(search, ref at, out string searched); domains++)
            {
                if (searched != netif.Domain && !MayBeElsewhere(Look(name, searched, out address), out inDomain))
                {
                    return inDomain;
                }
            }
        }

        return isDotted ? error : Look(name, "", out address);
    }

    /// <summary>True when servers said that there is no such name: it may be one in another domain.</summary>
    private static bool MayBeElsewhere(Error? result, out Error? error)
    {
        error = result;
        return error is not null && error.Status == EFI_STATUS.EFI_NOT_FOUND;
    }

    /// <summary>Reads the next domain of option 119 (RFC 3397), whose names are compressed as in a message.</summary>
    private static bool TryReadDomain(ReadOnlySpan<byte> search, ref int at, out string domain)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        int length = DnsName.Read(search, ref at, name);
        TextBuilder text = new(DnsName.MaximumSize, 0);
        for (int label = 0; label < length - 1; label += name[label] + 1)
        {
            if (label > 0)
            {
                text.Append('.');
            }

            text.Append(Encoding.Latin1.GetString(name.Slice(label + 1, name[label])));
        }

        domain = text.ToString();
        return domain.Length > 0;
    }

    /// <summary>Looks one name up, through all that it stands for.</summary>
    private Error? Look(string name, string domain, out IPv4Address address)
    {
        address = default;
        string shown = domain.Length > 0 ? TextBuilder.Format($"{name}.{domain}") : name;
        _verdict = DnsVerdict.Ignored;
        _nameLength = DnsName.Write(_name, name.AsSpan(), domain.AsSpan());
        if (_nameLength < 0)
        {
            _nameLength = 0;
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"DNS: no domain name: {PercentEncoding.Encode(shown)}"));
        }

        if (_cache.TryGet(_name.AsSpan(0, _nameLength), _loop.Now, out address))
        {
            return null;
        }

        if (_serverCount == 0)
        {
            return new Error(EFI_STATUS.EFI_NO_MAPPING, TextBuilder.Format($"DNS: no server is known to ask for {shown}"));
        }

        byte[] original = _name.AsSpan(0, _nameLength).ToArray();
        uint lifetime = uint.MaxValue;
        for (int aliases = 0; aliases <= MaximumAliases; aliases++)
        {
            Error? error = Ask(shown);
            if (error is not null)
            {
                return error;
            }

            lifetime = Math.Min(lifetime, _lifetime);
            switch (_verdict)
            {
                case DnsVerdict.Found:
                    address = _address;
                    _cache.Add(original, address, lifetime, _loop.Now);
                    return null;
                case DnsVerdict.Alias:
                    _alias.AsSpan(0, _aliasLength).CopyTo(_name);
                    _nameLength = _aliasLength;
                    break;
                case DnsVerdict.NoSuchName:
                    return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DNS: no such name: {shown}"));
                default:
                    return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DNS: no address for {shown}"));
            }
        }

        return new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"DNS: {shown} stands for more than {MaximumAliases} other names"));
    }

    /// <summary>Asks for <see cref="_name"/> until one server answers; the answer is left in the fields.</summary>
    private Error? Ask(string shown)
    {
        _verdict = DnsVerdict.Ignored;
        _hasFailed.AsSpan().Clear();
        _id = (ushort)_network.Random.Next32();
        int size = DnsMessage.WriteQuery(_query, _id, _name.AsSpan(0, _nameLength));
        UdpSocket? socket = UdpSocket.Open(_network, this, 0, out Error? error);
        if (socket is null)
        {
            return new Error(error!.Status, TextBuilder.Format($"DNS: {shown}: {error.Message}"));
        }

        error = null;
        for (int round = 0; round < Rounds && _verdict == DnsVerdict.Ignored && error is null; round++)
        {
            for (int server = 0; server < _serverCount && _verdict == DnsVerdict.Ignored && error is null; server++)
            {
                if (!_hasFailed[server])
                {
                    socket.Send(new IPv4Endpoint(_servers[server], DnsMessage.Port), _query.AsSpan(0, size)); // lost: the next is asked
                    error = Wait(shown, server, _loop.Now + (FirstTimeout << round));
                }
            }
        }

        socket.Dispose();
        if (error is null && _verdict == DnsVerdict.Ignored)
        {
            error = _hasFailed[0]
                ? new Error(EFI_STATUS.EFI_NO_RESPONSE, TextBuilder.Format($"DNS: {_servers[0]} cannot tell the address of {shown}"))
                : new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"DNS: no answer from {_servers[0]} for {shown}"));
        }

        return error;
    }

    private Error? Wait(string shown, int server, ulong until)
    {
        while (_verdict == DnsVerdict.Ignored && !_hasFailed[server] && _loop.Now < until)
        {
            if (!_loop.RunOnce())
            {
                return new Error(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"DNS: {shown}: stopped by the user"));
            }

            if (_deadline != 0 && _loop.Now >= _deadline)
            {
                return new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"DNS: {shown}: no answer in time"));
            }
        }

        return null;
    }

    private int IndexOf(IPv4Address server)
    {
        int index = _serverCount - 1;
        while (index >= 0 && _servers[index] != server)
        {
            index--;
        }

        return index;
    }

    private void CollectServers()
    {
        for (int i = 0; i < _network.Interfaces.Count; i++)
        {
            ReadOnlySpan<IPv4Address> servers = _network.Interfaces[i].DnsServers;
            for (int j = 0; j < servers.Length && _serverCount < MaximumServers; j++)
            {
                _servers[_serverCount++] = servers[j];
            }
        }
    }
}
