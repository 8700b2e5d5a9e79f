using System;
using NetworkStack.Wire;

namespace NetworkStack.Tcp;

/// <summary>
/// The ends of connections whose owners are gone (FIN-WAIT, CLOSING, LAST-ACK, TIME-WAIT): bounded in number and time, the oldest
/// makes room. TIME-WAIT is short: ports are random and sequence numbers too, and a boot loader does not stay to see the segments
/// of minutes ago.
/// </summary>
internal sealed class TcpRemnants(Network network)
{
    public const ulong TimeWait = 2_000_000;

    private const int Capacity = 16;
    private const ulong Lifetime = 10_000_000;

    private readonly TcpRemnant[] _remnants = new TcpRemnant[Capacity];
    private int _count;

    public void Add(in TcpRemnant remnant)
    {
        int best = 0;
        for (int i = 1; i < Capacity; i++)
        {
            if (_remnants[best].Interface is not null && (_remnants[i].Interface is null || _remnants[i].Deadline < _remnants[best].Deadline))
            {
                best = i;
            }
        }
        if (_remnants[best].Interface is null)
        {
            _count++;
        }
        _remnants[best] = remnant;
        _remnants[best].Deadline = network.Now + (remnant.IsFinAcknowledged && remnant.IsPeerFinished ? TimeWait : Lifetime);
    }

    public bool Contains(IPv4Endpoint remote, ushort port) => Find(remote, port) >= 0;

    public void Remove(NetworkInterface netif)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_remnants[i].Interface == netif)
            {
                Free(i);
            }
        }
    }

    /// <returns>False when the segment belongs to none.</returns>
    public bool TryReceive(NetworkInterface netif, IPv4Endpoint remote, TcpSegment segment)
    {
        int index = Find(remote, segment.DestinationPort);
        if (index < 0 || _remnants[index].Interface != netif)
        {
            return false;
        }
        ref TcpRemnant remnant = ref _remnants[index];
        if (segment.Has(TcpFlags.Rst))
        {
            if (segment.Sequence == remnant.Next)
            {
                Free(index);
            }
            return true;
        }
        if (segment.Has(TcpFlags.Syn) || !segment.Has(TcpFlags.Ack))
        {
            return true;
        }

        bool wasPeerFirst = remnant.IsPeerFinished && !remnant.IsFinAcknowledged;
        remnant.IsFinAcknowledged |= segment.Acknowledgement == remnant.Fin + 1;
        uint end = segment.Sequence + (uint)segment.Payload.Length;
        if (!remnant.IsPeerFinished && TcpSequence.Less(remnant.Next, end))
        {
            // Data that nobody is there to read any more (RFC 9293, 3.6.1; RFC 1122, 4.2.2.13).
            Free(index);
            TcpReset.Answer(network, netif, remote, segment);
            return true;
        }
        if (remnant.HasTimestamps)
        {
            TcpOptions options = TcpOptions.Parse(segment.Options);
            if (options.HasTimestamp)
            {
                remnant.PeerTimestamp = options.TimestampValue;
            }
        }
        if (segment.Has(TcpFlags.Fin))
        {
            if (!remnant.IsPeerFinished && end == remnant.Next)
            {
                remnant.IsPeerFinished = true;
                remnant.Next++;
            }
            Send(ref remnant, remnant.Fin + 1, TcpFlags.Ack);
        }
        if (remnant.IsFinAcknowledged && remnant.IsPeerFinished)
        {
            if (wasPeerFirst)
            {
                Free(index); // LAST-ACK: the peer keeps TIME-WAIT.
                return true;
            }
            remnant.Deadline = network.Now + TimeWait;
        }
        return true;
    }

    public void RunTimers(ulong now)
    {
        if (_count == 0)
        {
            return;
        }
        for (int i = 0; i < Capacity; i++)
        {
            ref TcpRemnant remnant = ref _remnants[i];
            if (remnant.Interface is null)
            {
                continue;
            }
            if (now >= remnant.Deadline)
            {
                Free(i);
            }
            else if (!remnant.IsFinAcknowledged && now >= remnant.Retransmit)
            {
                remnant.Timeout *= 2;
                remnant.Retransmit = now + remnant.Timeout;
                Send(ref remnant, remnant.Fin, TcpFlags.Fin | TcpFlags.Ack);
            }
        }
    }

    private int Find(IPv4Endpoint remote, ushort port)
    {
        if (_count != 0)
        {
            for (int i = 0; i < Capacity; i++)
            {
                if (_remnants[i].Interface is not null && _remnants[i].Port == port && _remnants[i].Remote == remote)
                {
                    return i;
                }
            }
        }
        return -1;
    }

    private void Free(int index)
    {
        _remnants[index] = default;
        _count--;
    }

    private void Send(ref TcpRemnant remnant, uint sequence, TcpFlags flags)
    {
        int headerSize = TcpSegment.HeaderSize;
        Span<byte> segment = network.Transport;
        if (remnant.HasTimestamps)
        {
            uint timestamp = (uint)(network.Now / 1000) + remnant.TimestampOffset;
            headerSize += TcpOptions.WriteTimestamp(segment.Slice(headerSize), timestamp, remnant.PeerTimestamp);
        }
        TcpSegment.WriteHeader(
            segment.Slice(0, headerSize), headerSize, remnant.Local, remnant.Port, remnant.Remote.Address, remnant.Remote.Port,
            sequence, remnant.Next, flags, ushort.MaxValue);
        network.SendIPv4(remnant.Interface!, remnant.Local, remnant.Remote.Address, IPProtocol.Tcp, headerSize, IPv4Packet.DontFragment);
    }
}
