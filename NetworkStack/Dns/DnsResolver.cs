using System;
using Uefi.Interop;

namespace NetworkStack;

/// <summary>Names to IPv4 addresses.</summary>
public static class DnsResolver
{
    /// <summary>Resolves a name, or reads an address ("192.0.2.1"), which needs no server.</summary>
    public static Error? Resolve(Network network, Pump pump, string name, out IPv4Address address) => throw new NotImplementedException();
}
