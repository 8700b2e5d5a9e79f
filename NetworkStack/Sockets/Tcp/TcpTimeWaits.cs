using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// The ends of connections whose owners are gone (FIN-WAIT, CLOSING, LAST-ACK, TIME-WAIT): bounded in number and time, the oldest
/// makes room. TIME-WAIT is short: ports are random and sequence numbers too, and a boot loader does not stay to see the segments
/// of minutes ago.
/// </summary>
internal sealed class TcpTimeWaits(Network network)
{
    public const ulong TimeWait = 2_000_000;

    private const int Capacity = 16;
    private const ulong Lifetime = 10_000_000;

    private readonly TcpTimeWait[] _timeWaits = new TcpTimeWait[Capacity];
    private int _count;

    public void Add(in TcpTimeWait timeWait)
    {
        int best = 0;
        for (int i = 1; i < Capacity; i++)
        {
            if (_timeWaits[best].Flow.Interface is not null && (_timeWaits[i].Flow.Interface is null || _timeWaits[i].Deadline < _timeWaits[best].Deadline))
            {
                best = i;
            }
        }

        if (_timeWaits[best].Flow.Interface is null)
        {
            _count++;
        }

        _timeWaits[best] = timeWait;
        _timeWaits[best].Deadline = network.Now + (timeWait.IsFinAcknowledged && timeWait.IsPeerFinished ? TimeWait : Lifetime);
    }

    public bool Contains(IPEndpoint remote, ushort port) => Find(remote, port) >= 0;

    public void Remove(NetworkInterface netif, IPAddress address)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (_timeWaits[i].Flow.Interface == netif && _timeWaits[i].Flow.Source == address)
            {
                Free(i);
            }
        }
    }

    /// <returns>False when the segment belongs to none.</returns>
    public bool TryReceive(NetworkInterface netif, IPEndpoint remote, IPAddress local, TcpSegment segment)
    {
        int index = Find(remote, segment.DestinationPort);
        if (index < 0 || _timeWaits[index].Flow.Interface != netif || _timeWaits[index].Flow.Source != local)
        {
            return false;
        }

        ref TcpTimeWait timeWait = ref _timeWaits[index];
        if (segment.Has(TcpFlags.Rst))
        {
            if (segment.Sequence == timeWait.Next)
            {
                Free(index);
            }

            return true;
        }

        if (segment.Has(TcpFlags.Syn) || !segment.Has(TcpFlags.Ack))
        {
            return true;
        }

        bool wasPeerFirst = timeWait.IsPeerFinished && !timeWait.IsFinAcknowledged;
        timeWait.IsFinAcknowledged |= segment.Acknowledgement == timeWait.Fin + 1;
        uint end = segment.Sequence + (uint)segment.Payload.Length;
        if (!timeWait.IsPeerFinished && TcpSequence.Less(timeWait.Next, end))
        {
            // Data that nobody is there to read any more (RFC 9293, 3.6.1; RFC 1122, 4.2.2.13).
            Flow flow = timeWait.Flow;
            Free(index);
            TcpReset.Answer(network, flow, segment);
            return true;
        }

        if (timeWait.HasTimestamps)
        {
            TcpOptions options = TcpOptions.Parse(segment.Options);
            if (options.HasTimestamp)
            {
                timeWait.PeerTimestamp = options.TimestampValue;
            }
        }

        if (segment.Has(TcpFlags.Fin))
        {
            if (!timeWait.IsPeerFinished && end == timeWait.Next)
            {
                timeWait.IsPeerFinished = true;
                timeWait.Next++;
            }

            Send(ref timeWait, timeWait.Fin + 1, TcpFlags.Ack);
        }

        if (timeWait.IsFinAcknowledged && timeWait.IsPeerFinished)
        {
            if (wasPeerFirst)
            {
                Free(index); // LAST-ACK: the peer keeps TIME-WAIT.
                return true;
            }

            timeWait.Deadline = network.Now + TimeWait;
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
            ref TcpTimeWait timeWait = ref _timeWaits[i];
            if (timeWait.Flow.Interface is null)
            {
                continue;
            }

            if (now >= timeWait.Deadline)
            {
                Free(i);
            }
            else if (!timeWait.IsFinAcknowledged && now >= timeWait.Retransmit)
            {
                timeWait.Timeout *= 2;
                timeWait.Retransmit = now + timeWait.Timeout;
                Send(ref timeWait, timeWait.Fin, TcpFlags.Fin | TcpFlags.Ack);
            }
        }
    }

    private int Find(IPEndpoint remote, ushort port)
    {
        if (_count != 0)
        {
            for (int i = 0; i < Capacity; i++)
            {
                if (_timeWaits[i].Flow.Interface is not null && _timeWaits[i].Port == port && _timeWaits[i].Remote == remote)
                {
                    return i;
                }
            }
        }

        return -1;
    }

    private void Free(int index)
    {
        _timeWaits[index] = default;
        _count--;
    }

    private void Send(ref TcpTimeWait timeWait, uint sequence, TcpFlags flags)
    {
        int headerSize = TcpSegment.HeaderSize;
        Span<byte> segment = network.Transport;
        if (timeWait.HasTimestamps)
        {
            uint timestamp = (uint)(network.Now / 1000) + timeWait.TimestampOffset;
            headerSize += TcpOptions.WriteTimestamp(segment.Slice(headerSize), timestamp, timeWait.PeerTimestamp);
        }

        TcpSegment.WriteHeader(
            segment.Slice(0, headerSize), headerSize, timeWait.Flow.AddressSum, timeWait.Port, timeWait.Remote.Port,
            sequence, timeWait.Next, flags, ushort.MaxValue);
        network.Send(timeWait.Flow, IPProtocol.Tcp, headerSize, IPv4Packet.DontFragment);
    }
}
