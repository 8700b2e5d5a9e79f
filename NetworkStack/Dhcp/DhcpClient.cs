using System;
using Uefi.Interop;

namespace NetworkStack;

/// <summary>The DHCPv4 client with PXE's extensions.</summary>
public sealed class DhcpClient
{
    /// <summary>
    /// Gets a lease for an open interface and configures the interface with it. A failure leaves the interface as it was.
    /// </summary>
    public static Error? Configure(Network network, NetworkInterface nic, Pump pump, DhcpOptions options) => throw new NotImplementedException();
}
