using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// The IPv6 addresses of an interface, each used once nobody on the link was found to have it (RFC 4862, 5.4). The groups that the link and
/// the switches must let through follow from them.
/// </summary>
internal sealed class IPv6AddressTable(NetworkInterface netif)
{
    public const int Capacity = 8;
    public const ulong Forever = ulong.MaxValue;

    private readonly IPv6AddressEntry[] _entries = new IPv6AddressEntry[Capacity];

    public ReadOnlySpan<IPv6AddressEntry> Entries => _entries;

    /// <summary>The last address that another station was found to have; of no version when there was none.</summary>
    public IPAddress Duplicate { get; private set; }

    /// <summary>Takes an address, or new lifetimes of one that is there. Those beyond the table's room are left out.</summary>
    public void Add(IPAddress address, int prefixLength, ulong preferredUntil, ulong validUntil, ulong now)
    {
        int index = Find(address);
        bool isNew = index < 0;
        if (isNew)
        {
            index = Find(default);
            if (index < 0 || address == Duplicate)
            {
                return;
            }

            _entries[index] = new IPv6AddressEntry { Address = address, TestedAt = now + netif.IPv6.RetransmitTime };
        }

        ref IPv6AddressEntry entry = ref _entries[index];
        if (entry.IsStatic)
        {
            return;
        }

        entry.PrefixLength = prefixLength;
        entry.PreferredUntil = preferredUntil;
        entry.ValidUntil = validUntil;
        if (isNew)
        {
            netif.IPv6.OnGroupsChanged();
            netif.Neighbours.Solicit(default, address, null);
        }
    }

    /// <summary>
    /// Takes an address that the user gives: it is used at once, as one of IPv4 is, while the link is asked whether anybody has it. Where there is no
    /// room it takes another's place.
    /// </summary>
    public void AddStatic(IPAddress address, int prefixLength)
    {
        int index = Find(address);
        index = index < 0 ? Find(default) : index;
        for (int i = Capacity - 1; index < 0 && i >= 0; i--)
        {
            index = _entries[i].IsStatic ? index : i; // There is one static address at most.
        }

        bool isNew = _entries[index].Address != address;
        if (isNew && !_entries[index].Address.IsAny)
        {
            Remove(_entries[index].Address);
        }

        _entries[index] = new IPv6AddressEntry
        {
            Address = address,
            PrefixLength = prefixLength,
            IsValid = true,
            IsStatic = true,
            PreferredUntil = Forever,
            ValidUntil = Forever,
        };
        if (isNew)
        {
            netif.IPv6.OnGroupsChanged();
            netif.Neighbours.Solicit(default, address, null);
        }
    }

    public void Remove(IPAddress address)
    {
        int index = Find(address);
        if (index >= 0)
        {
            _entries[index] = default;
            netif.Layer.EndConnections(netif, address);
            netif.IPv6.OnGroupsChanged();
        }
    }

    public void Clear()
    {
        Array.Clear(_entries);
        Duplicate = default;
    }

    /// <summary>The address is ours, and known to be nobody else's.</summary>
    public bool IsOurs(IPAddress address)
    {
        int index = Find(address);
        return index >= 0 && _entries[index].IsValid;
    }

    /// <summary>The address is about to be ours, if nobody objects.</summary>
    public bool IsTentative(IPAddress address)
    {
        int index = Find(address);
        return index >= 0 && !_entries[index].IsValid;
    }

    /// <summary>A group that our addresses are asked for in.</summary>
    public bool IsOurGroup(IPAddress group)
    {
        foreach (ref readonly IPv6AddressEntry entry in Entries)
        {
            if (!entry.Address.IsAny && entry.Address.SolicitedNode == group)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Another station has an address that was to be ours (RFC 4862, 5.4.5).</summary>
    public void OnDuplicate(IPAddress address)
    {
        netif.Counters.AddressConflicts++;
        Remove(address);
        Duplicate = address;
    }

    /// <summary>
    /// What to send from (RFC 6724, 5): on the link its own kind of address, to others one that is not deprecated, of several the one most like
    /// the destination, the user's before others that are as much. Of no version when there is none.
    /// </summary>
    public IPAddress SelectSource(IPAddress destination, ulong now)
    {
        bool isOfLink = destination.IsLinkLocal || destination.IsLinkLocalGroup;
        IPAddress best = default;
        int bestRank = -1;
        foreach (ref readonly IPv6AddressEntry entry in Entries)
        {
            if (!entry.IsValid || entry.Address.IsLinkLocal != isOfLink)
            {
                continue;
            }

            int rank = entry.Address.CommonPrefix(destination) * 2 + (now < entry.PreferredUntil ? 512 : 0) + (entry.IsStatic ? 1 : 0);
            if (rank > bestRank)
            {
                best = entry.Address;
                bestRank = rank;
            }
        }

        return best;
    }

    /// <summary>Makes valid what nobody objected to, and forgets what has expired.</summary>
    /// <returns>When to come again.</returns>
    public ulong RunTimers(ulong now)
    {
        ulong next = ulong.MaxValue;
        for (int i = 0; i < Capacity; i++)
        {
            ref IPv6AddressEntry entry = ref _entries[i];
            if (entry.Address.IsAny)
            {
                continue;
            }

            if (now >= entry.ValidUntil)
            {
                Remove(entry.Address);
                continue;
            }

            if (!entry.IsValid)
            {
                if (now >= entry.TestedAt && !netif.Link.IsUp)
                {
                    entry.TestedAt = now + netif.IPv6.RetransmitTime; // Nobody can have heard us: that proves nothing.
                    netif.Neighbours.Solicit(default, entry.Address, null);
                }

                entry.IsValid = now >= entry.TestedAt;
            }

            next = Math.Min(next, entry.IsValid ? entry.ValidUntil : entry.TestedAt);
        }

        return next;
    }

    /// <summary>The groups of all addresses, each once.</summary>
    /// <param name="groups">At least <see cref="Capacity"/>.</param>
    public int CopyGroups(Span<IPAddress> groups)
    {
        int count = 0;
        foreach (ref readonly IPv6AddressEntry entry in Entries)
        {
            if (entry.Address.IsAny)
            {
                continue;
            }

            int at = 0;
            while (at < count && groups[at] != entry.Address.SolicitedNode)
            {
                at++;
            }

            groups[at] = entry.Address.SolicitedNode;
            count = Math.Max(count, at + 1);
        }

        return count;
    }

    private int Find(IPAddress address)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_entries[i].Address == address)
            {
                return i;
            }
        }

        return -1;
    }
}
