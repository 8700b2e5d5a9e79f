using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// The neighbours of an interface, over ARP (RFC 826; RFC 1122, 2.3.2) and Neighbour Discovery (RFC 4861, 7): bounded, aged, and one datagram
/// waits per neighbour that is being asked for. A neighbour in use is asked again before it is forgotten, so that a long transfer never pauses for ARP.
/// </summary>
internal sealed class NeighbourCache(NetworkInterface netif)
{
    private const int Capacity = 16;
    private const int SolicitationSize = IcmpMessage.HeaderSize + IPAddress.IPv6Size;
    private const int FrameSize = EthernetFrame.HeaderSize + IPv6Packet.HeaderSize + SolicitationSize + NeighbourOptionReader.LinkAddressSize;

    // Requests go out at 0, 0.25, 0.75 and 1.75 s; nobody is there after 3.75 s.
    private const int MaximumTries = 4;
    private const ulong FirstRetry = 250_000;
    private const ulong Lifetime = 60_000_000;
    private const ulong RefreshRetry = 1_000_000;
    private const ulong Never = ulong.MaxValue;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly byte[] _frame = new byte[FrameSize];
    private readonly byte[] _waiting = new byte[Capacity * NetworkInterface.MaximumFrameSize];
    private ulong _nextDeadline = Never;
    private int _lastFound;

    private enum State : byte
    {
        Free,
        Resolving,
        Reachable,

        /// <summary>Known, but being asked for again.</summary>
        Refreshing,
    }

    private struct Entry
    {
        public IPAddress Address;
        public State State;
        public byte Tries;
        public int WaitingLength;
        public ulong Deadline;
        public ulong LastUsed; // by us; 0 for never
        public MacAddress Mac;
    }

    /// <summary>Finds a neighbour's address. When it is not known yet, asks for it and keeps the frame until the answer comes.</summary>
    /// <param name="address">On the link.</param>
    /// <param name="frame">A frame with everything but its destination; at most one waits, the newest.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="mac">The neighbour's, when it is known.</param>
    public bool TryResolve(IPAddress address, ReadOnlySpan<byte> frame, ulong now, out MacAddress mac)
    {
        int index = Find(address);
        if (index < 0)
        {
            index = Allocate(address, forUse: true);
            ref Entry made = ref _entries[index];
            made.State = State.Resolving;
            Ask(ref made, now, FirstRetry);
        }

        ref Entry entry = ref _entries[index];
        entry.LastUsed = now;
        mac = entry.Mac;
        if (entry.State == State.Resolving)
        {
            if (entry.WaitingLength != 0)
            {
                netif.Counters.Drop(DropReason.NeighbourUnknown);
            }

            frame.CopyTo(Waiting(index));
            entry.WaitingLength = frame.Length;
            return false;
        }

        if (entry.State == State.Reachable && now >= entry.Deadline)
        {
            entry.State = State.Refreshing;
            entry.Tries = 0;
            Ask(ref entry, now, RefreshRetry);
        }

        return true;
    }

    public void OnArp(ArpPacket packet, ulong now)
    {
        MacAddress senderMac = packet.SenderMac;
        IPv4Address sender = packet.Sender;
        if (senderMac.IsMulticast || senderMac.IsZero || (!sender.IsAny && !sender.IsUnicast) ||
            packet.Operation is not (ArpPacket.Request or ArpPacket.Reply))
        {
            netif.Counters.Drop(DropReason.BadArp);
            return;
        }

        if (senderMac == netif.Link.Address)
        {
            return; // An echo of our own, from a hub or a looped port.
        }

        if (!netif.Tentative.IsAny && sender == netif.Tentative)
        {
            netif.IsTentativeTaken = true;
        }

        if (netif.IsConfigured && sender == netif.Address)
        {
            // RFC 5227, 2.4: noted, not given up: there is nobody to take another address for us.
            netif.Counters.AddressConflicts++;
            return;
        }

        bool isForUs = netif.IsConfigured && packet.Target == netif.Address;
        if (!sender.IsAny)
        {
            OnClaim(sender, senderMac, isForUs && packet.Operation == ArpPacket.Request && netif.IsOnLink(sender), now);
        }

        if (isForUs && packet.Operation == ArpPacket.Request)
        {
            Send(ArpPacket.Reply, senderMac, netif.Address, senderMac, sender);
        }
    }

    /// <summary>A station says that it has an address.</summary>
    /// <param name="address">Of another host on the link.</param>
    /// <param name="mac">The station's.</param>
    /// <param name="isNews">Whether it is kept of one that was not asked for: who asks for us is about to be answered (RFC 826; RFC 4861, 7.2.3).</param>
    /// <param name="now">Microseconds.</param>
    public void OnClaim(IPAddress address, MacAddress mac, bool isNews, ulong now)
    {
        int index = Find(address);
        if (index < 0 && isNews)
        {
            index = Allocate(address, forUse: false);
        }

        if (index < 0)
        {
            return;
        }

        ref Entry entry = ref _entries[index];
        if (entry.State is State.Reachable or State.Refreshing && entry.Mac != mac)
        {
            Doubt(ref entry, now);
        }
        else
        {
            Learn(index, mac, now);
        }
    }

    /// <summary>An answer to what we asked over Neighbour Discovery, which may leave the station out: it has not changed (RFC 4861, 7.2.5).</summary>
    public void OnAdvertisement(IPAddress address, MacAddress? mac, bool isSolicited, ulong now)
    {
        int index = Find(address);
        if (index >= 0 && (mac is not null || (isSolicited && _entries[index].State != State.Resolving)))
        {
            OnClaim(address, mac ?? _entries[index].Mac, isNews: false, now);
        }
    }

    /// <inheritdoc cref="NetworkInterface.TryNextNeighbour"/>
    public bool TryNext(ref int at, out IPAddress address, out MacAddress? mac)
    {
        while (at < Capacity && _entries[at].State == State.Free)
        {
            at++;
        }

        bool isThere = at < Capacity;
        ref Entry entry = ref _entries[isThere ? at++ : 0];
        address = entry.Address;
        mac = entry.State == State.Resolving ? null : entry.Mac;
        return isThere;
    }

    /// <summary>Asks whether anybody has an address that is to be ours (RFC 5227, 2.1.1).</summary>
    public void Probe(IPv4Address address) => Send(ArpPacket.Request, MacAddress.Broadcast, default, default, address);

    /// <summary>Asks who has an IPv6 address (RFC 4861, 4.3).</summary>
    /// <param name="source">Ours; of no version while it is about to be ours (RFC 4862, 5.4.2).</param>
    /// <param name="target">Of a host on the link.</param>
    /// <param name="station">Who is asked; null for all.</param>
    public void Solicit(IPAddress source, IPAddress target, MacAddress? station)
    {
        IPAddress destination = station is null ? target.SolicitedNode : target;
        SendDiscovery(
            IcmpV6Type.NeighbourSolicitation, 0, source.IsAny ? IPAddress.IPv6Any : source, destination, station ?? destination.GroupStation, target,
            source.IsAny ? (byte)0 : NeighbourOptionReader.SourceLinkAddress);
    }

    /// <summary>Says that an IPv6 address is ours (RFC 4861, 4.4).</summary>
    /// <param name="target">It.</param>
    /// <param name="asker">Who asked; of no version for one that has no address yet: all hear the answer.</param>
    /// <param name="station">The asker's.</param>
    public void Advertise(IPAddress target, IPAddress asker, MacAddress station)
    {
        const uint Solicited = 0x4000_0000;
        const uint Override = 0x2000_0000;
        bool isForAll = asker.IsAny;
        IPAddress destination = isForAll ? IPAddress.AllNodes : asker;
        SendDiscovery(
            IcmpV6Type.NeighbourAdvertisement, isForAll ? Override : Solicited | Override, target, destination,
            isForAll ? destination.GroupStation : station, target, NeighbourOptionReader.TargetLinkAddress);
    }

    public void RunTimers(ulong now)
    {
        if (now < _nextDeadline)
        {
            return;
        }

        _nextDeadline = Never;
        for (int i = 0; i < Capacity; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.State is not (State.Resolving or State.Refreshing))
            {
                continue;
            }

            if (now < entry.Deadline)
            {
                _nextDeadline = Math.Min(_nextDeadline, entry.Deadline);
            }
            else if (entry.Tries < MaximumTries)
            {
                if (entry.Tries == MaximumTries - 1 && !netif.Link.IsUp)
                {
                    entry.Tries = 0; // Nobody can have heard us: that proves nothing.
                }

                Ask(ref entry, now, entry.State == State.Resolving ? FirstRetry << entry.Tries : RefreshRetry);
            }
            else
            {
                GiveUp(i);
            }
        }
    }

    /// <summary>Forgets all neighbours of one version, and what waits for them.</summary>
    public void Clear(AddressFamily family)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_entries[i].Address.Family == family)
            {
                _entries[i] = default;
            }
        }
    }

    private Span<byte> Waiting(int index) =>
        new(_waiting, index * NetworkInterface.MaximumFrameSize, NetworkInterface.MaximumFrameSize);

    private int Find(IPAddress address)
    {
        if (_entries[_lastFound].Address == address && _entries[_lastFound].State != State.Free)
        {
            return _lastFound;
        }

        for (int i = 0; i < Capacity; i++)
        {
            if (_entries[i].Address == address && _entries[i].State != State.Free)
            {
                _lastFound = i;
                return i;
            }
        }

        return -1;
    }

    // Takes a free entry, or the one that was used longest ago; those being asked for come last. Whom we may never send to gets none that we
    // have used: strangers, of whom anybody can invent any number, push nobody else out. -1 when there is none.
    private int Allocate(IPAddress address, bool forUse)
    {
        int best = 0;
        ulong bestRank = ulong.MaxValue;
        for (int i = 0; i < Capacity; i++)
        {
            ulong rank = _entries[i].State switch
            {
                State.Free => 0,
                State.Resolving => (_entries[i].LastUsed >> 1) | (1UL << 63),
                _ => (_entries[i].LastUsed >> 1) + 1,
            };
            if (rank < bestRank)
            {
                best = i;
                bestRank = rank;
            }
        }

        if (!forUse && _entries[best].LastUsed != 0)
        {
            return -1;
        }

        if (_entries[best].WaitingLength != 0)
        {
            netif.Counters.Drop(DropReason.NeighbourUnknown);
        }

        _entries[best] = new Entry { Address = address };
        return best;
    }

    private void Learn(int index, MacAddress mac, ulong now)
    {
        ref Entry entry = ref _entries[index];
        entry.Mac = mac;
        entry.State = State.Reachable;
        entry.Tries = 0;
        entry.Deadline = now + Lifetime;
        int length = entry.WaitingLength;
        entry.WaitingLength = 0;
        if (length != 0)
        {
            Span<byte> frame = Waiting(index).Slice(0, length);
            EthernetFrame.WriteHeader(frame, mac, netif.Link.Address, EthernetFrame.TypeOf(entry.Address));
            netif.SendFrame(frame);
        }
    }

    // Another station claims the address of one that was there. Anybody can do that: whoever had it is asked, and keeps it while he answers.
    private void Doubt(ref Entry entry, ulong now)
    {
        if (entry.State == State.Reachable && now + Lifetime - entry.Deadline >= RefreshRetry)
        {
            entry.State = State.Refreshing;
            entry.Tries = MaximumTries - 1;
            Ask(ref entry, now, RefreshRetry);
        }
    }

    private void Ask(ref Entry entry, ulong now, ulong retry)
    {
        entry.Tries++;
        entry.Deadline = now + retry;
        _nextDeadline = Math.Min(_nextDeadline, entry.Deadline);
        MacAddress? known = entry.State == State.Refreshing ? entry.Mac : null;
        if (entry.Address.Family == AddressFamily.IPv6)
        {
            IPAddress source = netif.IPv6.SelectSource(entry.Address);
            source = source.IsAny ? netif.IPv6.LinkLocal : source; // RFC 4861, 7.2.2. From :: it would look like a test.
            if (!source.IsAny)
            {
                Solicit(source, entry.Address, known);
            }
        }
        else
        {
            Send(ArpPacket.Request, known ?? MacAddress.Broadcast, netif.Address, default, entry.Address.IPv4);
        }
    }

    private void GiveUp(int index)
    {
        int length = _entries[index].WaitingLength;
        netif.IPv6.OnRouterHeard(_entries[index].Address, isThere: false);
        _entries[index] = default;
        if (length != 0)
        {
            netif.Counters.Drop(DropReason.NeighbourUnknown);
            netif.Layer.OnNeighbourUnknown(netif, Waiting(index).Slice(EthernetFrame.HeaderSize, length - EthernetFrame.HeaderSize));
        }
    }

    private void Send(ushort operation, MacAddress destination, IPv4Address sender, MacAddress targetMac, IPv4Address target)
    {
        EthernetFrame.WriteHeader(_frame, destination, netif.Link.Address, EtherType.Arp);
        ArpPacket.Write(
            new Span<byte>(_frame, EthernetFrame.HeaderSize, ArpPacket.Size), operation, netif.Link.Address, sender, targetMac, target);
        netif.SendFrame(new ReadOnlySpan<byte>(_frame, 0, EthernetFrame.HeaderSize + ArpPacket.Size));
    }

    private void SendDiscovery(
        IcmpV6Type type, uint flags, IPAddress source, IPAddress destination, MacAddress station, IPAddress target, byte option)
    {
        int size = option == 0 ? SolicitationSize : SolicitationSize + NeighbourOptionReader.LinkAddressSize;
        Span<byte> frame = new(_frame, 0, EthernetFrame.HeaderSize + IPv6Packet.HeaderSize + size);
        Span<byte> message = frame.Slice(EthernetFrame.HeaderSize + IPv6Packet.HeaderSize);
        target.CopyTo(message.Slice(IcmpMessage.HeaderSize));
        if (option != 0)
        {
            NeighbourOptionReader.WriteLinkAddress(message.Slice(SolicitationSize), option, netif.Link.Address);
        }

        ulong pseudoHeader = InternetChecksum.PseudoHeader(source.ChecksumSum + destination.ChecksumSum, IPProtocol.IcmpV6, size);
        IcmpMessage.WriteHeader(message, (byte)type, 0, flags, pseudoHeader);
        IPv6Packet.WriteHeader(
            frame.Slice(EthernetFrame.HeaderSize), size, IPProtocol.IcmpV6, IPv6Packet.MaximumHopLimit, source, destination);
        EthernetFrame.WriteHeader(frame, station, netif.Link.Address, EtherType.IPv6);
        netif.SendFrame(frame);
    }
}
