using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>What <see cref="IscsiBootTable"/> says of an interface; what is left out is not known.</summary>
public readonly struct IscsiBootNic
{
    /// <summary>Its station address.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>PCI bus, device and function, a byte and five and three bits; 0 for none.</summary>
    public ushort Location { get; init; }

    /// <summary>Of the target's family.</summary>
    public IPAddress Address { get; init; }

    /// <summary>Bits of the network.</summary>
    public byte PrefixLength { get; init; }

    /// <summary>Where the address comes from.</summary>
    public IscsiBootOrigin Origin { get; init; }

    /// <summary>The router.</summary>
    public IPAddress Gateway { get; init; }

    /// <summary>A name server.</summary>
    public IPAddress PrimaryDns { get; init; }

    /// <summary>Another.</summary>
    public IPAddress SecondaryDns { get; init; }

    /// <summary>Who gave the address.</summary>
    public IPAddress DhcpServer { get; init; }

    /// <summary>0 for none.</summary>
    public ushort Vlan { get; init; }

    /// <summary>The machine's.</summary>
    public string? HostName { get; init; }
}
