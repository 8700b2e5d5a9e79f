using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Dns;

/// <summary>
/// Names to addresses (RFC 1034; RFC 1035; RFC 3596), by asking the user's servers, or those of all interfaces, for the records of each version
/// that there is an address of ours for. A name without a dot is first looked up in the interfaces' domains and search lists, one with a dot last.
/// </summary>
internal sealed class DnsResolver : IUdpHandler
{
    public const int MaximumServers = 8;

    /// <summary>Each server gets this long, in microseconds, before the next is asked too; twice as long in each further round.</summary>
    private const ulong FirstTimeout = 1_000_000;
    private const int Rounds = 3;

    /// <summary>How long the other version's addresses are waited for after an answer, or in vain, for the first: some servers never answer for them.</summary>
    private const ulong SecondTimeout = 250_000;

    /// <summary>Domains of an interface's search list that are looked in.</summary>
    private const int MaximumSearched = 6;

    /// <summary>How often a name may stand for another one that has to be asked for.</summary>
    private const int MaximumAliases = 8;

    /// <summary>A server is asked again at once when it did not understand, first without letters in mixed case, then without extensions.</summary>
    private const int MaximumForms = 3;

    /// <summary>
    /// How long a name counts as none once servers said so, in seconds: a list of domains is not asked through for each file, and a script that
    /// waits for a name to appear is not held up.
    /// </summary>
    private const uint NegativeLifetime = 5;

    /// <summary>How long an answer may take by TCP, in microseconds.</summary>
    private const ulong StreamTimeout = 5_000_000;

    private readonly Network _network;
    private readonly EventLoop _loop;
    private readonly DnsCache _cache;
    private readonly ulong _deadline;
    private readonly IPAddress[] _servers = new IPAddress[MaximumServers];
    private readonly bool[] _hasFailed = new bool[MaximumServers];
    private readonly byte[] _name = new byte[DnsName.MaximumSize];
    private readonly byte[] _alias = new byte[DnsName.MaximumSize];
    private readonly byte[] _question = new byte[DnsName.MaximumSize];
    private readonly byte[] _query = new byte[DnsMessage.MaximumQuerySize];
    private readonly IPAddress[] _addresses = new IPAddress[DnsCache.MaximumAddresses];
    private int _serverCount;
    private int _nameLength;
    private int _aliasLength;
    private int _addressCount;
    private int _asked; // the server that the socket's port belongs to
    private ushort _id;
    private ushort _type = DnsMessage.TypeA;
    private bool _isSecond; // Another type has brought addresses already, or no answer.
    private bool _isPlain; // no mixed case
    private bool _isUnextended; // no EDNS0
    private DnsVerdict _verdict;
    private uint _lifetime;

    private DnsResolver(Network network, EventLoop loop, DnsCache cache, ReadOnlySpan<IPAddress> servers, ulong deadline)
    {
        _network = network;
        _loop = loop;
        _cache = cache;
        _deadline = deadline;
        _serverCount = Math.Min(servers.Length, MaximumServers);
        servers.Slice(0, _serverCount).CopyTo(_servers);
    }

    /// <summary>Resolves a name, or reads an address ("192.0.2.1", "fe80::1%net0"), which needs no server.</summary>
    /// <param name="network">Whose interfaces' servers are asked.</param>
    /// <param name="loop">Turns while answers are awaited.</param>
    /// <param name="servers">Who is asked; empty for those of the interfaces.</param>
    /// <param name="cache">What was found before, and where what is found is kept.</param>
    /// <param name="name">A host name, or an address as text.</param>
    /// <param name="deadline">When to give up, in microseconds of <see cref="EventLoop.Now"/>; 0 for the resolver's own patience.</param>
    /// <param name="addresses">Room for <see cref="DnsCache.MaximumAddresses"/>: those that were found, in the order to try them.</param>
    /// <param name="count">How many; 0 with an error.</param>
    public static Error? Resolve(
        Network network, EventLoop loop, DnsCache cache, ReadOnlySpan<IPAddress> servers, string name, ulong deadline,
        Span<IPAddress> addresses, out int count)
    {
        if (network.TryParse(name, out addresses[0], out Error? error))
        {
            count = error is null ? 1 : 0;
            return error;
        }

        DnsResolver resolver = new(network, loop, cache, servers, deadline);
        error = resolver.Run(name);
        count = error is null ? resolver._addressCount : 0;
        resolver._addresses.AsSpan(0, count).CopyTo(addresses);
        return error;
    }

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        if (datagram.Source.Address == _servers[_asked] && datagram.Source.Port == DnsMessage.Port && _verdict == DnsVerdict.Ignored)
        {
            Take(datagram.Payload);
        }
    }

    void IUdpHandler.OnUnreachable(IPEndpoint destination, Unreachable reason)
    {
        _hasFailed[_asked] |= destination.Address == _servers[_asked];
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        _verdict = DnsMessage.ReadAnswer(
            message, _id, _question.AsSpan(0, _nameLength), _type, _addresses, out _addressCount, out _lifetime, _alias, out _aliasLength);
        if (_verdict == DnsVerdict.ServerFailure || (_verdict == DnsVerdict.FormatError && _isUnextended) ||
            (_verdict == DnsVerdict.OtherCase && _isPlain))
        {
            _verdict = DnsVerdict.Ignored;
            _hasFailed[_asked] = true;
        }
    }

    private Error? Run(string name)
    {
        CollectServers();
        _cache.AskedOf(_servers.AsSpan(0, _serverCount));
        bool isDotted = name.AsSpan().IndexOf('.') >= 0;
        Error? error = isDotted ? Look(name, "") : null;
        if (isDotted && (!MayBeElsewhere(error, out _) || name[name.Length - 1] == '.'))
        {
            return error;
        }

        for (int i = 0; i < _network.Interfaces.Count; i++)
        {
            NetworkInterface netif = _network.Interfaces[i];
            if (netif.Domain is string domain && domain.Length > 0 && !MayBeElsewhere(Look(name, domain), out Error? inDomain))
            {
                return inDomain;
            }

            ReadOnlySpan<byte> search = default;
            netif.Lease?.TryGetOption(DhcpTag.DomainSearch, out search);
            if (!MayBeElsewhere(Search(name, search, netif.Domain), out inDomain) ||
                !MayBeElsewhere(Search(name, netif.IPv6.SearchList, netif.Domain), out inDomain))
            {
                return inDomain;
            }
        }

        return isDotted ? error : Look(name, "");
    }

    /// <summary>Looks a name up in the domains of a list.</summary>
    private Error? Search(string name, ReadOnlySpan<byte> domains, string? done)
    {
        Error? error = NoSuchName(name);
        int at = 0;
        for (int i = 0; i < MaximumSearched && MayBeElsewhere(error, out _) && TryReadDomain(domains, ref at, out string domain); i++)
        {
            error = domain == done ? error : Look(name, domain);
            error = error?.Status == EFI_STATUS.EFI_INVALID_PARAMETER ? NoSuchName(name) : error; // Anybody on the link can name such a domain.
        }

        return error;
    }

    /// <summary>True when servers said that there is no such name: it may be one in another domain.</summary>
    private static bool MayBeElsewhere(Error? result, out Error? error)
    {
        error = result;
        return error is not null && error.Status == EFI_STATUS.EFI_NOT_FOUND;
    }

    /// <summary>Reads the next domain of option 119 (RFC 3397), whose names are compressed as in a message, or of a router's list (RFC 8106, 5.2).</summary>
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
    private Error? Look(string name, string domain)
    {
        string shown = domain.Length > 0 ? TextBuilder.Format($"{name}.{domain}") : name;
        _verdict = DnsVerdict.Ignored;
        _nameLength = DnsName.Write(_name, name.AsSpan(), domain.AsSpan());
        if (_nameLength < 0)
        {
            _nameLength = 0;
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"DNS: no domain name: {PercentEncoding.Encode(shown)}"));
        }

        if (_cache.TryGet(_name.AsSpan(0, _nameLength), _loop.Now, _addresses, out _addressCount))
        {
            return _addressCount > 0 ? null : NoSuchName(shown);
        }

        if (_serverCount == 0)
        {
            return new Error(EFI_STATUS.EFI_NO_MAPPING, TextBuilder.Format($"DNS: no server is known to ask for {shown}"));
        }

        byte[] original = _name.AsSpan(0, _nameLength).ToArray();
        bool hasIPv6 = HasGlobalIPv6();
        Error? error = HasIPv4() || !hasIPv6 ? Look(shown, DnsMessage.TypeA, original) : null;
        IPAddress[] found = _addresses.AsSpan(0, error is null ? _addressCount : 0).ToArray();
        if (hasIPv6 && _verdict != DnsVerdict.NoSuchName && error?.Status != EFI_STATUS.EFI_ABORTED)
        {
            uint lifetime = found.Length > 0 ? _lifetime : uint.MaxValue;
            _isSecond = found.Length > 0 || error?.Status == EFI_STATUS.EFI_TIMEOUT;
            Error? second = Look(shown, DnsMessage.TypeAaaa, original);
            _isSecond = false;
            error = found.Length > 0 ? null : second;
            _lifetime = second is null ? Math.Min(_lifetime, lifetime) : lifetime;
            Interleave(second is null ? _addressCount : 0, found);
        }

        if (error is null)
        {
            _cache.Add(original, _addresses.AsSpan(0, _addressCount), _lifetime, _loop.Now);
        }
        else if (_verdict == DnsVerdict.NoSuchName)
        {
            _cache.Add(original, default, NegativeLifetime, _loop.Now);
        }

        return error;
    }

    /// <summary>Puts what was found of version 6 before each of version 4 (RFC 8305, 4).</summary>
    private void Interleave(int count, ReadOnlySpan<IPAddress> others)
    {
        Span<IPAddress> first = stackalloc IPAddress[DnsCache.MaximumAddresses];
        _addresses.AsSpan(0, count).CopyTo(first);
        _addressCount = 0;
        for (int i = 0; _addressCount < _addresses.Length && (i < count || i < others.Length); i++)
        {
            if (i < count)
            {
                _addresses[_addressCount++] = first[i];
            }

            if (i < others.Length && _addressCount < _addresses.Length)
            {
                _addresses[_addressCount++] = others[i];
            }
        }

        PutRoutedFirst();
    }

    /// <summary>What there is no way to comes last (RFC 6724, 6, rule 1).</summary>
    private void PutRoutedFirst()
    {
        int next = 0;
        for (int i = 0; i < _addressCount; i++)
        {
            if (_network.Route(_addresses[i]) is null)
            {
                continue;
            }

            for (int j = i; j > next; j--)
            {
                (_addresses[j], _addresses[j - 1]) = (_addresses[j - 1], _addresses[j]);
            }

            next++;
        }
    }

    private bool HasGlobalIPv6()
    {
        foreach (NetworkInterface netif in _network.Interfaces)
        {
            if (netif.IsOpen && !netif.IPv6.Global.IsAny)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasIPv4()
    {
        foreach (NetworkInterface netif in _network.Interfaces)
        {
            if (netif.IsOpen && netif.IsConfigured)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks one type of address up; what was found is in the fields.</summary>
    private Error? Look(string shown, ushort type, ReadOnlySpan<byte> original)
    {
        _type = type;
        _addressCount = 0;
        original.CopyTo(_name);
        _nameLength = original.Length;
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
                    _lifetime = lifetime;
                    return null;
                case DnsVerdict.Alias:
                    _alias.AsSpan(0, _aliasLength).CopyTo(_name);
                    _nameLength = _aliasLength;
                    break;
                case DnsVerdict.NoSuchName:
                    return NoSuchName(shown);
                default:
                    return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DNS: no address for {shown}"));
            }
        }

        return new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"DNS: {shown} stands for more than {MaximumAliases} other names"));
    }

    private static Error NoSuchName(string shown) => new(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DNS: no such name: {shown}"));

    /// <summary>Asks for <see cref="_name"/> until one server answers; the answer is left in the fields.</summary>
    private Error? Ask(string shown)
    {
        _verdict = DnsVerdict.Ignored;
        _hasFailed.AsSpan().Clear();
        Error? error = null;
        for (int round = 0; round < (_isSecond ? 1 : Rounds) && _verdict == DnsVerdict.Ignored && error is null; round++)
        {
            for (int server = 0; server < _serverCount && _verdict == DnsVerdict.Ignored && error is null; server++)
            {
                error = _hasFailed[server] ? null : Ask(shown, server, _loop.Now + (_isSecond ? SecondTimeout : FirstTimeout << round));
            }
        }

        if (error is null && _verdict == DnsVerdict.Ignored)
        {
            error = _hasFailed[0]
                ? new Error(EFI_STATUS.EFI_NO_RESPONSE, TextBuilder.Format($"DNS: {_servers[0]} cannot tell the address of {shown}"))
                : new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"DNS: no answer from {_servers[0]} for {shown}"));
        }

        return error;
    }

    /// <summary>Asks one server, and takes its answer from no other: each time by another port and number, and in other letters (RFC 5452, 9).</summary>
    private Error? Ask(string shown, int server, ulong until)
    {
        _asked = server;
        for (int forms = 0; forms < MaximumForms && !_hasFailed[server]; forms++)
        {
            _verdict = DnsVerdict.Ignored;
            _id = (ushort)_network.Random.Next32();
            MixCase();
            int size = DnsMessage.WriteQuery(_query, _id, _question.AsSpan(0, _nameLength), _type, !_isUnextended);
            UdpSocket? socket = UdpSocket.Open(_network, this, 0, out Error? error);
            if (socket is null)
            {
                return new Error(error!.Status, TextBuilder.Format($"DNS: {shown}: {error.Message}"));
            }

            error = socket.Send(new IPEndpoint(_servers[server], DnsMessage.Port), _query.AsSpan(0, size));
            _hasFailed[server] = error is not null; // Lost is not: the next is asked in its time.
            error = null;
            while (error is null && _verdict == DnsVerdict.Ignored && !_hasFailed[server] && _loop.Now < until)
            {
                error = Turn(shown);
            }

            socket.Dispose();
            switch (_verdict)
            {
                case DnsVerdict.OtherCase:
                    _isPlain = true;
                    break;
                case DnsVerdict.FormatError:
                    _isUnextended = true;
                    break;
                case DnsVerdict.Truncated:
                    return AskByTcp(shown, server, size);
                default:
                    return error;
            }
        }

        _verdict = DnsVerdict.Ignored;
        _hasFailed[server] = true;
        return null;
    }

    /// <summary>The same question, in the same form, to who had no room for the answer.</summary>
    private Error? AskByTcp(string shown, int server, int size)
    {
        _verdict = DnsVerdict.Ignored;
        DnsStream answer = new();
        TcpStream stream = new(answer);
        Error? error = null;
        if (stream.Open(_network, new IPEndpoint(_servers[server], DnsMessage.Port)) is null)
        {
            byte[] request = new byte[2 + size];
            BinaryPrimitives.WriteUInt16BigEndian(request, (ushort)size);
            _query.AsSpan(0, size).CopyTo(request.AsSpan(2));
            stream.Send(request);
            ulong until = _loop.Now + StreamTimeout;
            while (error is null && !answer.IsOver && _loop.Now < until)
            {
                error = Turn(shown);
            }

            if (answer.IsWhole)
            {
                Take(answer.Message);
            }

            stream.Close();
        }

        stream.Dispose();
        if (_verdict is not (DnsVerdict.Found or DnsVerdict.Alias or DnsVerdict.NoAddress or DnsVerdict.NoSuchName))
        {
            _verdict = DnsVerdict.Ignored;
            _hasFailed[server] = true;
        }

        return error;
    }

    // Letters in any case mean the same name, and come back as they were: bits that who forges an answer must guess too.
    private void MixCase()
    {
        _name.AsSpan(0, _nameLength).CopyTo(_question);
        for (int i = 0; i < _nameLength && !_isPlain; i++)
        {
            if (_question[i] is >= (byte)'a' and <= (byte)'z' && _network.Random.Below(2) != 0)
            {
                _question[i] -= 'a' - 'A';
            }
        }
    }

    private Error? Turn(string shown) =>
        !_loop.RunOnce() ? new Error(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"DNS: {shown}: stopped by the user"))
        : _deadline != 0 && _loop.Now >= _deadline ? new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"DNS: {shown}: no answer in time"))
        : null;

    private void AddServer(IPAddress server, NetworkInterface netif)
    {
        if (_serverCount < MaximumServers)
        {
            _servers[_serverCount++] = server.IsLinkLocal ? server.In(netif.Zone) : server; // Each link has its own of these.
        }
    }

    private void CollectServers()
    {
        if (_serverCount > 0)
        {
            return; // The user's.
        }

        for (int i = 0; i < _network.Interfaces.Count; i++)
        {
            NetworkInterface netif = _network.Interfaces[i];
            foreach (IPv4Address server in netif.DnsServers)
            {
                AddServer(server, netif);
            }

            foreach (IPAddress server in netif.IPv6.DnsServers)
            {
                AddServer(server, netif);
            }
        }
    }
}
