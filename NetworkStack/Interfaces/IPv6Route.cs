using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>A way to a network of IPv6, as a router advertises it, or the user sets it.</summary>
public struct IPv6Route
{
    /// <summary>::/0 for the way to everywhere.</summary>
    public IPPrefix Prefix;

    /// <summary>The router; :: when the network is on the link itself.</summary>
    public IPAddress Gateway;

    /// <summary>-1, 0 or 1: of several the higher (RFC 4191, 2.1).</summary>
    public sbyte Preference;

    /// <summary>The user's: it comes before what is advertised of the same network.</summary>
    public bool IsStatic;

    /// <summary>When it is no longer good, in microseconds of the network's clock; 0 for a free place.</summary>
    public ulong Until;

    /// <summary>The router did not answer: others are tried first (RFC 4861, 6.3.6).</summary>
    internal bool IsSuspect;
}
