using System;
using System.Linq;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;

namespace NetBoot.Tests.Network;

/// <summary>What tests of TCP need to know of the version of IP that they run over.</summary>
public abstract class TcpFamilyTest(bool isIPv6)
{
    private protected bool IsIPv6 { get; } = isIPv6;

    /// <summary>A neighbour's port.</summary>
    private protected IPEndpoint Server { get; } = new(isIPv6 ? IPv6Router.Parse("2001:db8::2") : new IPv4Address(192, 0, 2, 2), 80);

    /// <summary>Ours.</summary>
    private protected IPAddress Client { get; } = isIPv6 ? IPv6Router.Parse("2001:db8::5054:ff:fe12:3456") : SimulatedNetwork.Address;

    /// <summary>Bytes of a frame before TCP's header.</summary>
    private protected int Headers => IsIPv6 ? 54 : 34;

    /// <summary>A network whose interface has an address, and which has carried nothing yet that a test could count.</summary>
    private protected SimulatedNetwork NewNetwork(Func<Link, Link>? wrap = null)
    {
        SimulatedNetwork network = new(wrap, configure: !IsIPv6);
        if (IsIPv6)
        {
            IPv6Router router = new(network.Peer, "fe80::1");
            network.Interface.IPv6.Start();
            while (network.Interface.IPv6.Global.IsAny)
            {
                router.Advertise(ushort.MaxValue, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac)); // Again: some links lose.
                network.RunFor(500_000);
            }

            network.RunFor(10_000_000); // Reports of groups are over.
            network.Peer.Frames.Clear();
        }

        return network;
    }

    private protected bool IsTcp(byte[] frame) => IsIPv6 ? frame[12] == 0x86 && frame[20] == 6 : frame[12] == 8 && frame[13] == 0 && frame[23] == 6;

    private protected int TcpFrames(SimulatedNetwork network) => network.Peer.Frames.Count(IsTcp);

    /// <summary>Our last segment.</summary>
    private protected TcpSegment Last(SimulatedNetwork network)
    {
        byte[] frame = network.Peer.Frames.Last(IsTcp);
        int end = IsIPv6 ? Headers + ((frame[18] << 8) | frame[19]) : 14 + ((frame[16] << 8) | frame[17]);
        Xunit.Assert.True(TcpSegment.TryParse(frame.AsSpan(Headers, end - Headers), out TcpSegment segment));
        return segment;
    }

    private protected ulong AddressSum => Reference.Addresses(Server.Address, Client);

    private protected void SendTcp(SimulatedNetwork network, ReadOnlySpan<byte> segment) => network.Peer.SendIP(Server.Address, Client, 6, segment);
}
