using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>An IPv6 address of an interface (RFC 4862, 2).</summary>
public struct IPv6AddressEntry
{
    /// <summary>:: for a free place.</summary>
    public IPAddress Address;

    /// <summary>0 to 128: how much of it the hosts around have in common.</summary>
    public int PrefixLength;

    /// <summary>Whether nobody else is known to have it: it may be used.</summary>
    public bool IsValid;

    /// <summary>The user's: what routers advertise changes nothing of it.</summary>
    public bool IsStatic;

    /// <summary>When it is deprecated: others are used first. Microseconds of the network's clock.</summary>
    public ulong PreferredUntil;

    /// <summary>When it is no longer ours.</summary>
    public ulong ValidUntil;

    /// <summary>When it is valid, if nobody objects.</summary>
    internal ulong TestedAt;
}
