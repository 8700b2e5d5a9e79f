using System;
using Uefi.Interop;

namespace NetworkStack;

/// <summary>Fetches what a URI names.</summary>
public static class Fetch
{
    /// <summary>Fetches by scheme (tftp, http); returns when all is received, or with what went wrong and where.</summary>
    public static Error? Run(Network network, Pump pump, ResourceUri uri, Download to, FetchOptions options) => throw new NotImplementedException();
}
