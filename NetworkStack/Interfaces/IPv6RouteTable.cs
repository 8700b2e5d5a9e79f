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
    public void Set(IPPrefix prefix, IPAddress gateway, int preference, ulong until, ulong now) =>
        Set(new IPv6Route { Prefix = prefix, Gateway = gateway, Preference = (sbyte)preference, Until = until }, now);

    /// <summary>The same; one of the user's takes an advertised one's place where there is no room.</summary>
    public void Set(in IPv6Route added, ulong now)
    {
        int free = -1;
        for (int i = 0; i < Capacity; i++)
        {
            ref IPv6Route route = ref _routes[i];
            if (route.Until == 0)
            {
                free = free < 0 ? i : free;
            }
            else if (route.Prefix == added.Prefix && route.Gateway == added.Gateway && route.IsStatic == added.IsStatic)
            {
                free = i;
                break;
            }
        }

        for (int i = 0; free < 0 && added.IsStatic && i < Capacity; i++)
        {
            free = _routes[i].IsStatic ? free : i;
        }

        if (free >= 0)
        {
            _routes[free] = added.Until <= now ? default : added;
        }
    }

    /// <summary>Forgets those of the user.</summary>
    public void RemoveStatic()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _routes[i] = _routes[i].IsStatic ? default : _routes[i];
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
                int rank = route.Prefix.Length * 8 + (route.IsSuspect ? 0 : 4) + (route.IsStatic ? 3 : route.Preference + 1);
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
