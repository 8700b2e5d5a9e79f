using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Interfaces;

// IPv6 and its ICMP (RFC 8200, RFC 4443, RFC 4861).
public abstract partial class InternetLayer
{
    private const int TargetEnd = IcmpMessage.HeaderSize + IPAddress.IPv6Size;
    private const int AdvertisementSize = 16;

    /// <summary>Sends what was built in <see cref="Transport"/> by version 6.</summary>
    /// <param name="netif">Where it goes out.</param>
    /// <param name="source">Ours, or :: while there is none.</param>
    /// <param name="destination">Where it is to arrive in the end.</param>
    /// <param name="next">Of what follows the IPv6 header.</param>
    /// <param name="length">Bytes after that.</param>
    /// <param name="hopLimit">255 for what is for the link alone.</param>
    /// <param name="mayWait">False for what the sender makes anew when there was no room on the link.</param>
    internal SendStatus SendIPv6(
        NetworkInterface netif, IPAddress source, IPAddress destination, IPProtocol next, int length, byte hopLimit, bool mayWait = true)
    {
        int size = IPv6Packet.HeaderSize + length;
        if (size > netif.IPv6.Mtu)
        {
            return SendStatus.TooBig;
        }

        Span<byte> frame = new(_frame, 0, EthernetFrame.HeaderSize + size);
        IPv6Packet.WriteHeader(frame.Slice(EthernetFrame.HeaderSize), length, next, hopLimit, source, destination);
        return netif.Transmit(frame, destination, mayWait);
    }

    internal void OnIPv6(NetworkInterface netif, ReadOnlySpan<byte> bytes, MacAddress station, bool isUnicastFrame)
    {
        if (!netif.IPv6.IsStarted)
        {
            netif.Counters.Drop(DropReason.UnknownEtherType);
            return;
        }

        if (!IPv6Packet.TryParse(bytes, out IPv6Packet packet))
        {
            netif.Counters.Drop(DropReason.BadIPv6Header);
            return;
        }

        IPAddress source = packet.Source;
        if ((!source.IsUnicast && !source.IsAny) || netif.IPv6.IsOurs(source))
        {
            netif.Counters.Drop(DropReason.BadIPv6Source);
            return;
        }

        // An address that is about to be ours hears nothing but Neighbour Discovery, which comes to groups (RFC 4862, 5.4).
        IPAddress destination = packet.Destination;
        bool isUnicast = isUnicastFrame && netif.IPv6.IsOurs(destination);
        if (!isUnicast && destination != IPAddress.AllNodes && !netif.IPv6.Table.IsOurGroup(destination))
        {
            netif.Counters.Drop(DropReason.OtherIPv6Address);
            return;
        }

        IPv6HeaderChain chain = IPv6HeaderChain.Read(packet.Bytes, packet.NextHeader, IPv6Packet.HeaderSize, 6, isFirst: true);
        IPPacket whole = new(source, destination, chain.Protocol, packet.Bytes, packet.Bytes.Slice(Math.Min(chain.Offset, packet.Bytes.Length)));
        bool isWhole = chain.Verdict != IPv6ChainVerdict.Fragment;
        if (!isWhole)
        {
            IPFragment fragment = new(packet, chain.Offset);
            if (fragment.IsAtomic)
            {
                whole = new IPPacket(source, destination, fragment.Protocol, packet.Bytes, fragment.Payload);
            }
            else if (!_reassembly.TryAdd(netif, fragment, Now, out whole))
            {
                return;
            }

            int start = whole.Bytes.Length - whole.Payload.Length;
            chain = IPv6HeaderChain.Read(whole.Bytes, whole.Protocol, start, fragment.IsAtomic ? chain.Offset : 6, isFirst: false);
            whole = new IPPacket(source, destination, chain.Protocol, whole.Bytes, whole.Bytes.Slice(Math.Min(chain.Offset, whole.Bytes.Length)));
        }

        bool mayAnswer = isUnicast && !source.IsAny;
        if (chain.Verdict != IPv6ChainVerdict.Payload)
        {
            netif.Counters.Drop(chain.Verdict == IPv6ChainVerdict.UnknownHeader ? DropReason.UnknownProtocol : DropReason.BadIPv6Extension);
            AnswerProblem(netif, whole, chain, mayAnswer);
        }
        else if (chain.Protocol == IPProtocol.IcmpV6)
        {
            // Neighbour Discovery comes in one piece (RFC 6980): switches that keep false routers out look no further.
            bool isFromLink = isWhole && packet.HopLimit == IPv6Packet.MaximumHopLimit && chain.Offset == IPv6Packet.HeaderSize;
            OnIcmpV6(netif, whole, station, isFromLink, mayAnswer);
        }
        else
        {
            OnPacket(netif, whole, mayAnswer);
        }
    }

    private NetworkInterface? RouteIPv6(IPAddress destination)
    {
        NetworkInterface? best = null;
        int bestLength = -1;
        for (int i = 0; i < Interfaces.Count; i++)
        {
            NetworkInterface netif = Interfaces[i];
            bool isOfZone = destination.Zone == 0 || destination.Zone == netif.Zone;
            if (isOfZone && netif.IsOpen && !netif.IPv6.SelectSource(destination).IsAny && netif.IPv6.TryRoute(destination, out _, out int length) &&
                (best is null || IsBetter(netif, length > bestLength, best)))
            {
                best = netif;
                bestLength = length;
            }
        }

        return best;
    }

    private void OnIcmpV6(NetworkInterface netif, in IPPacket packet, MacAddress station, bool isFromLink, bool mayAnswer)
    {
        ulong pseudoHeader = InternetChecksum.PseudoHeader(packet.AddressSum, IPProtocol.IcmpV6, packet.Payload.Length);
        if (!IcmpMessage.TryParse(packet.Payload, out IcmpMessage message) || !message.IsChecksumCorrect(pseudoHeader))
        {
            netif.Counters.Drop(DropReason.BadIcmp);
            return;
        }

        switch ((IcmpV6Type)message.Type)
        {
            case IcmpV6Type.EchoRequest when mayAnswer && MayAnswer():
                SendIcmp(
                    new Flow(netif, packet.Destination, packet.Source), (byte)IcmpV6Type.EchoReply, 0, message.Rest, message.Body);
                break;
            case IcmpV6Type.EchoReply when mayAnswer:
                OnEchoReply(packet.Source, message);
                break;
            case IcmpV6Type.DestinationUnreachable or IcmpV6Type.PacketTooBig or IcmpV6Type.ParameterProblem
                when mayAnswer && IPv6Packet.TryParseQuoted(message.Body, out IPv6Packet quoted):
                OnErrorIPv6(netif, message, quoted);
                break;
            case IcmpV6Type.ListenerQuery when packet.Source.IsLinkLocal:
                netif.IPv6.OnListenerQuery(message, Now);
                break;
            case IcmpV6Type.RouterAdvertisement or IcmpV6Type.NeighbourSolicitation or IcmpV6Type.NeighbourAdvertisement:
                if (!isFromLink || message.Code != 0 || !OnDiscovery(netif, packet, message, station))
                {
                    netif.Counters.Drop(DropReason.BadNeighbourDiscovery);
                }

                break;
        }
    }

    // False for what RFC 4861, 6.1.2, 7.1.1 and 7.1.2 refuse.
    private bool OnDiscovery(NetworkInterface netif, in IPPacket packet, IcmpMessage message, MacAddress station)
    {
        bool isOfRouter = message.Type == (byte)IcmpV6Type.RouterAdvertisement;
        int size = isOfRouter ? AdvertisementSize : TargetEnd;
        ReadOnlySpan<byte> bytes = message.Bytes;
        if (bytes.Length < size || !NeighbourOptionReader.AreValid(bytes.Slice(size)))
        {
            return false;
        }

        ReadOnlySpan<byte> options = bytes.Slice(size);
        if (isOfRouter)
        {
            if (!packet.Source.IsLinkLocal)
            {
                return false;
            }

            if (NeighbourOptionReader.FindLinkAddress(options, NeighbourOptionReader.SourceLinkAddress) is MacAddress router)
            {
                netif.Neighbours.OnClaim(packet.Source, router, isNews: true, Now);
            }

            netif.IPv6.OnRouterAdvertisement(packet.Source, message, Now);
            return true;
        }

        IPAddress target = new(bytes.Slice(IcmpMessage.HeaderSize));
        return target.IsUnicast && (message.Type == (byte)IcmpV6Type.NeighbourSolicitation
            ? OnSolicitation(netif, packet, target, options, station)
            : OnAdvertisement(netif, packet, target, message.Rest, options));
    }

    private bool OnSolicitation(NetworkInterface netif, in IPPacket packet, IPAddress target, ReadOnlySpan<byte> options, MacAddress station)
    {
        MacAddress? asker = NeighbourOptionReader.FindLinkAddress(options, NeighbourOptionReader.SourceLinkAddress);
        bool isTest = packet.Source.IsAny; // Somebody wants the address (RFC 4862, 5.4.3).
        if (isTest && (asker is not null || packet.Destination != target.SolicitedNode))
        {
            return false;
        }

        if (isTest && netif.IPv6.Table.IsTentative(target))
        {
            netif.IPv6.Table.OnDuplicate(target);
        }
        else if (netif.IPv6.IsOurs(target))
        {
            if (asker is MacAddress mac)
            {
                netif.Neighbours.OnClaim(packet.Source, mac, isNews: true, Now);
            }

            netif.Neighbours.Advertise(target, isTest ? default : packet.Source, asker ?? station);
        }

        return true;
    }

    private bool OnAdvertisement(NetworkInterface netif, in IPPacket packet, IPAddress target, uint flags, ReadOnlySpan<byte> options)
    {
        bool isSolicited = (flags & 0x4000_0000) != 0;
        if (isSolicited && packet.Destination.IsMulticast)
        {
            return false;
        }

        if (netif.IPv6.Table.IsTentative(target))
        {
            netif.IPv6.Table.OnDuplicate(target);
        }
        else if (netif.IPv6.IsOurs(target))
        {
            netif.Counters.AddressConflicts++; // Noted, not given up: anybody can claim it.
        }
        else
        {
            MacAddress? mac = NeighbourOptionReader.FindLinkAddress(options, NeighbourOptionReader.TargetLinkAddress);
            netif.Neighbours.OnAdvertisement(target, mac, isSolicited, Now);
            netif.IPv6.OnRouterHeard(target, isThere: true);
        }

        return true;
    }

    private void OnErrorIPv6(NetworkInterface netif, IcmpMessage message, IPv6Packet quoted)
    {
        switch ((IcmpV6Type)message.Type)
        {
            case IcmpV6Type.PacketTooBig:
                // Less than every link carries is no news (RFC 8201, 4).
                OnUnreachableIPv6(netif, quoted, Unreachable.TooBig, (int)Math.Clamp(message.Rest, IPv6Packet.MinimumMtu, NetworkInterface.MaximumMtu));
                break;
            case IcmpV6Type.ParameterProblem when message.Code == 1:
                OnUnreachableIPv6(netif, quoted, Unreachable.Protocol, 0);
                break;
            case IcmpV6Type.DestinationUnreachable:
                Unreachable reason = message.Code switch
                {
                    1 or 5 or 6 => Unreachable.Prohibited,
                    3 => Unreachable.Host,
                    4 => Unreachable.Port,
                    _ => Unreachable.Network,
                };
                OnUnreachableIPv6(netif, quoted, reason, 0);
                break;
        }
    }

    // We send no extension headers with what has an owner who could be told.
    private void OnUnreachableIPv6(NetworkInterface netif, IPv6Packet sent, Unreachable reason, int mtu) => OnUnreachable(
        netif, new IPPacket(sent.Source, sent.Destination, sent.NextHeader, sent.Bytes, sent.Bytes.Slice(IPv6Packet.HeaderSize)), reason, mtu);

    private void AnswerProblem(NetworkInterface netif, in IPPacket packet, IPv6HeaderChain chain, bool mayAnswer)
    {
        byte code = chain.Verdict switch
        {
            IPv6ChainVerdict.UnknownHeader => 1,
            IPv6ChainVerdict.UnknownOption or IPv6ChainVerdict.UnknownOptionOfOne => 2,
            _ => 0,
        };
        bool isWanted = chain.Verdict switch
        {
            IPv6ChainVerdict.Malformed or IPv6ChainVerdict.Fragment => false,
            IPv6ChainVerdict.UnknownOption => packet.Source.IsUnicast,
            _ => mayAnswer,
        };
        IPAddress source = packet.Destination.IsMulticast ? netif.IPv6.SelectSource(packet.Source) : packet.Destination;
        if (isWanted && !source.IsAny && MayAnswer())
        {
            SendErrorIPv6(new Flow(netif, source, packet.Source), IcmpV6Type.ParameterProblem, code, (uint)chain.Offset, packet.Bytes);
        }
    }

    // As much of the datagram as every link carries (RFC 4443, 2.4 c).
    private void SendErrorIPv6(in Flow flow, IcmpV6Type type, byte code, uint rest, ReadOnlySpan<byte> datagram) => SendIcmp(
        flow, (byte)type, code, rest,
        datagram.Slice(0, Math.Min(datagram.Length, IPv6Packet.MinimumMtu - IPv6Packet.HeaderSize - IcmpMessage.HeaderSize)));
}
