using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Name servers in the order to ask them, each for its time (RFC 8106, 6.1).</summary>
internal sealed class IPv6DnsServers
{
    public const int Capacity = 4;

    private readonly IPAddress[] _servers = new IPAddress[Capacity];
    private readonly ulong[] _until = new ulong[Capacity];
    private int _count;

    public ReadOnlySpan<IPAddress> Servers => new(_servers, 0, _count);

    /// <summary>Takes a server, or its new lifetime; what has ended is forgotten. The first four are kept.</summary>
    public void Set(IPAddress server, ulong until, ulong now)
    {
        int index = 0;
        while (index < _count && _servers[index] != server)
        {
            index++;
        }

        if (index == _count && _count < Capacity && until > now)
        {
            _count++;
        }

        if (index < _count)
        {
            _servers[index] = server;
            _until[index] = until;
            RunTimers(now);
        }
    }

    /// <summary>Takes servers for ever, behind those that are there.</summary>
    public void Add(ReadOnlySpan<IPAddress> servers)
    {
        foreach (IPAddress server in servers)
        {
            Set(server, IPv6AddressTable.Forever, 0);
        }
    }

    /// <returns>When to come again.</returns>
    public ulong RunTimers(ulong now)
    {
        ulong next = ulong.MaxValue;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_until[i] > now)
            {
                _servers[kept] = _servers[i];
                _until[kept++] = _until[i];
                next = Math.Min(next, _until[i]);
            }
        }

        _count = kept;
        return next;
    }

    public void Clear() => _count = 0;
}
