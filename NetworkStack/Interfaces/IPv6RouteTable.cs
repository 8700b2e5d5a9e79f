using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Prefixes on the link, routers and routes through them: one table, as each is a way to a prefix (RFC 4191, 3).</summary>
internal sealed class IPv6RouteTable
{
    public const int Capacity = 16;

    private readonly IPv6Route[] _routes = new IPv6Route[Capacity];

    public ReadOnlySpan<IPv6Route> Routes => _routes;

    /// <summary>Takes a route, or what is new of one that is there; one that is no longer good is forgotten. Those beyond the table's room are left out.</summary>
    public void Set(IPPrefix prefix, IPAddress gateway, int preference, ulong until, ulong now)
    {
        int free = -1;
        for (int i = 0; i < Capacity; i++)
        {
            ref IPv6Route route = ref _routes[i];
            if (route.Until == 0)
            {
                free = free < 0 ? i : free;
            }
            else if (route.Prefix == prefix && route.Gateway == gateway)
            {
                free = i;
                break;
            }
        }

        if (free >= 0)
        {
            _routes[free] = until <= now ? default
                : new IPv6Route { Prefix = prefix, Gateway = gateway, Preference = (sbyte)preference, Until = until };
        }
    }

    /// <summary>The best way to a destination: the narrowest; of several one whose router answers, then the preferred one.</summary>
    public bool TryFind(IPAddress destination, out IPv6Route best)
    {
        best = default;
        int bestRank = -1;
        foreach (ref readonly IPv6Route route in Routes)
        {
            if (route.Until != 0 && route.Prefix.Contains(destination))
            {
                int rank = route.Prefix.Length * 8 + (route.IsSuspect ? 0 : 4) + route.Preference + 1;
                if (rank > bestRank)
                {
                    best = route;
                    bestRank = rank;
                }
            }
        }

        return bestRank >= 0;
    }

    /// <summary>A router does not answer, or was heard of again.</summary>
    public void Suspect(IPAddress gateway, bool isSuspect)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_routes[i].Until != 0 && _routes[i].Gateway == gateway)
            {
                _routes[i].IsSuspect = isSuspect;
            }
        }
    }

    /// <returns>When to come again.</returns>
    public ulong RunTimers(ulong now)
    {
        ulong next = ulong.MaxValue;
        for (int i = 0; i < Capacity; i++)
        {
            ref IPv6Route route = ref _routes[i];
            if (route.Until <= now)
            {
                route = default;
            }
            else
            {
                next = Math.Min(next, route.Until);
            }
        }

        return next;
    }

    public void Clear() => Array.Clear(_routes);
}
