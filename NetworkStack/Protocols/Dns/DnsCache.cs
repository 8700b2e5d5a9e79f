using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Dns;

/// <summary>The last few names' addresses, each for as long as its records said, and only while the same servers are asked.</summary>
internal sealed class DnsCache
{
    /// <summary>Addresses of a name; more are not kept.</summary>
    public const int MaximumAddresses = 8;

    private const int Entries = 8;
    private const ulong LongestLifetime = 86400;
    private readonly byte[] _names = new byte[Entries * DnsName.MaximumSize];
    private readonly int[] _lengths = new int[Entries];
    private readonly IPAddress[] _addresses = new IPAddress[Entries * MaximumAddresses];
    private readonly int[] _counts = new int[Entries];
    private readonly ulong[] _expiries = new ulong[Entries];
    private readonly IPAddress[] _servers = new IPAddress[DnsResolver.MaximumServers];
    private int _serverCount;

    /// <summary>Forgets everything when other servers are asked than before: what a name means is theirs to say.</summary>
    public void AskedOf(ReadOnlySpan<IPAddress> servers)
    {
        bool isSame = servers.Length == _serverCount;
        for (int i = 0; i < servers.Length && isSame; i++)
        {
            isSame = servers[i] == _servers[i];
        }

        if (!isSame)
        {
            Clear();
            servers.CopyTo(_servers);
            _serverCount = servers.Length;
        }
    }

    /// <param name="name">In wire format.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="addresses">Those of that name: room for <see cref="MaximumAddresses"/>.</param>
    /// <param name="count">How many there are; 0 when it has none.</param>
    /// <returns>False when nobody has been asked.</returns>
    public bool TryGet(ReadOnlySpan<byte> name, ulong now, Span<IPAddress> addresses, out int count)
    {
        for (int i = 0; i < Entries; i++)
        {
            if (_expiries[i] > now && _names.AsSpan(i * DnsName.MaximumSize, _lengths[i]).SequenceEqual(name))
            {
                AddressesOf(i).CopyTo(addresses);
                count = _counts[i];
                return true;
            }
        }

        count = 0;
        return false;
    }

    /// <summary>Whether a further name takes the place of another.</summary>
    public bool IsFull => _expiries.AsSpan().IndexOf(0UL) < 0;

    /// <param name="name">As <see cref="DnsName"/> writes it.</param>
    /// <param name="addresses">Those of that name, at most <see cref="MaximumAddresses"/>; none when it has none.</param>
    /// <param name="lifetime">Seconds; 0 is not kept.</param>
    /// <param name="now">Microseconds.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<IPAddress> addresses, uint lifetime, ulong now)
    {
        int place = 0;
        for (int i = 1; i < Entries; i++)
        {
            place = _expiries[i] < _expiries[place] ? i : place;
        }

        name.CopyTo(_names.AsSpan(place * DnsName.MaximumSize));
        _lengths[place] = name.Length;
        _counts[place] = addresses.Length;
        addresses.CopyTo(AddressesOf(place));
        _expiries[place] = now + Math.Min(lifetime, LongestLifetime) * 1_000_000;
    }

    /// <summary>Nobody was at an address: from now on it comes last.</summary>
    public void Demote(IPAddress address)
    {
        for (int i = 0; i < Entries; i++)
        {
            Span<IPAddress> addresses = AddressesOf(i);
            for (int j = 0; j + 1 < addresses.Length; j++)
            {
                if (addresses[j] == address)
                {
                    (addresses[j], addresses[j + 1]) = (addresses[j + 1], addresses[j]);
                }
            }
        }
    }

    public void Clear() => _expiries.AsSpan().Clear();

    private Span<IPAddress> AddressesOf(int entry) => _addresses.AsSpan(entry * MaximumAddresses, _counts[entry]);
}
