using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Dns;

/// <summary>The last few addresses found, each for as long as its records said.</summary>
internal sealed class DnsCache
{
    private const int Entries = 8;
    private const ulong LongestLifetime = 86400;
    private readonly byte[] _names = new byte[Entries * DnsName.MaximumSize];
    private readonly int[] _lengths = new int[Entries];
    private readonly IPv4Address[] _addresses = new IPv4Address[Entries];
    private readonly ulong[] _expiries = new ulong[Entries];

    /// <param name="name">In wire format.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="address">The address of that name.</param>
    public bool TryGet(ReadOnlySpan<byte> name, ulong now, out IPv4Address address)
    {
        for (int i = 0; i < Entries; i++)
        {
            if (_expiries[i] > now && _names.AsSpan(i * DnsName.MaximumSize, _lengths[i]).SequenceEqual(name))
            {
                address = _addresses[i];
                return true;
            }
        }

        address = default;
        return false;
    }

    /// <param name="name">As <see cref="DnsName"/> writes it.</param>
    /// <param name="address">The address of that name.</param>
    /// <param name="lifetime">Seconds; 0 is not kept.</param>
    /// <param name="now">Microseconds.</param>
    public void Add(ReadOnlySpan<byte> name, IPv4Address address, uint lifetime, ulong now)
    {
        int place = 0;
        for (int i = 1; i < Entries; i++)
        {
            place = _expiries[i] < _expiries[place] ? i : place;
        }

        name.CopyTo(_names.AsSpan(place * DnsName.MaximumSize));
        _lengths[place] = name.Length;
        _addresses[place] = address;
        _expiries[place] = now + Math.Min(lifetime, LongestLifetime) * 1_000_000;
    }

    public void Clear() => _expiries.AsSpan().Clear();
}
