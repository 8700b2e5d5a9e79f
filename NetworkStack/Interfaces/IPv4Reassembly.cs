using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// Puts IPv4 fragments together (RFC 791, 3.2; RFC 815): a few datagrams at a time, each for a bounded time. Fragments that
/// overlap are never honest: they end their datagram (as RFC 5722 has it for IPv6); exact repetitions are ignored.
/// </summary>
internal sealed class IPv4Reassembly
{
    private const int MaximumDatagrams = 4;
    private const int MaximumPieces = 64;
    private const ulong Lifetime = 15_000_000; // RFC 791, 3.2: fifteen seconds.
    private const ulong Never = ulong.MaxValue;

    private readonly Datagram[] _datagrams = new Datagram[MaximumDatagrams];
    private ulong _nextDeadline = Never;

    public IPv4Reassembly()
    {
        for (int i = 0; i < MaximumDatagrams; i++)
        {
            _datagrams[i] = new Datagram();
        }
    }

    /// <summary>
    /// Takes a fragment in. Returns the whole datagram, header included, when this one completed it (valid until the next call), or empty.
    /// </summary>
    public ReadOnlySpan<byte> Add(NetworkInterface netif, IPv4Packet fragment, ulong now)
    {
        Datagram datagram = Find(netif, fragment, now);
        if (!datagram.TryAdd(fragment))
        {
            datagram.Interface = null;
            netif.Counters.Drop(DropReason.BadFragment);
            return default;
        }

        if (!datagram.IsComplete)
        {
            return default;
        }

        datagram.Interface = null;
        return datagram.Complete();
    }

    public void RunTimers(ulong now)
    {
        if (now < _nextDeadline)
        {
            return;
        }

        _nextDeadline = Never;
        foreach (Datagram datagram in _datagrams)
        {
            if (datagram.Interface is NetworkInterface netif)
            {
                if (now >= datagram.Deadline)
                {
                    datagram.Interface = null;
                    netif.Counters.Drop(DropReason.IncompleteDatagram);
                }
                else
                {
                    _nextDeadline = Math.Min(_nextDeadline, datagram.Deadline);
                }
            }
        }
    }

    private Datagram Find(NetworkInterface netif, IPv4Packet fragment, ulong now)
    {
        Datagram oldest = _datagrams[0];
        foreach (Datagram datagram in _datagrams)
        {
            if (datagram.Matches(netif, fragment))
            {
                return datagram;
            }

            if (oldest.Interface is not null && (datagram.Interface is null || datagram.Deadline < oldest.Deadline))
            {
                oldest = datagram;
            }
        }

        oldest.Interface?.Counters.Drop(DropReason.IncompleteDatagram);
        oldest.Start(netif, fragment, now + Lifetime);
        _nextDeadline = Math.Min(_nextDeadline, oldest.Deadline);
        return oldest;
    }

    private sealed class Datagram
    {
        private const int MaximumPayload = IPv4Packet.MaximumSize - IPv4Packet.HeaderSize;
        private const int Unknown = -1;

        private readonly byte[] _bytes = new byte[IPv4Packet.MaximumSize];
        private readonly int[] _starts = new int[MaximumPieces];
        private readonly int[] _ends = new int[MaximumPieces];
        private int _pieces;
        private int _received;
        private int _size;
        private IPv4Address _source;
        private IPv4Address _destination;
        private IPProtocol _protocol;
        private ushort _identification;

        /// <summary>Null when this place is free.</summary>
        public NetworkInterface? Interface { get; set; }

        public ulong Deadline { get; private set; }

        // Pieces never overlap, so their sizes add up to the whole only when nothing is missing.
        public bool IsComplete => _received == _size;

        public bool Matches(NetworkInterface netif, IPv4Packet fragment) =>
            Interface == netif && _identification == fragment.Identification && _source == fragment.Source &&
            _destination == fragment.Destination && _protocol == fragment.Protocol;

        public void Start(NetworkInterface netif, IPv4Packet fragment, ulong deadline)
        {
            Interface = netif;
            Deadline = deadline;
            _source = fragment.Source;
            _destination = fragment.Destination;
            _protocol = fragment.Protocol;
            _identification = fragment.Identification;
            _pieces = 0;
            _received = 0;
            _size = Unknown;
        }

        public bool TryAdd(IPv4Packet fragment)
        {
            ReadOnlySpan<byte> payload = fragment.Payload;
            int start = fragment.FragmentOffset;
            int end = start + payload.Length;
            bool isLast = !fragment.HasMoreFragments;
            if (payload.Length == 0 || end > MaximumPayload || (!isLast && payload.Length % 8 != 0) || (_size != Unknown && end > _size))
            {
                return false;
            }

            for (int i = 0; i < _pieces; i++)
            {
                if (_starts[i] == start && _ends[i] == end && (!isLast || _size == end))
                {
                    return true;
                }

                if (start < _ends[i] && _starts[i] < end)
                {
                    return false;
                }

                if (isLast && _ends[i] > end)
                {
                    return false;
                }
            }

            if (_pieces == MaximumPieces || (isLast && _size != Unknown))
            {
                return false;
            }

            if (isLast)
            {
                _size = end;
            }

            payload.CopyTo(new Span<byte>(_bytes, IPv4Packet.HeaderSize + start, payload.Length));
            _starts[_pieces] = start;
            _ends[_pieces] = end;
            _pieces++;
            _received += payload.Length;
            return true;
        }

        public ReadOnlySpan<byte> Complete()
        {
            int size = IPv4Packet.HeaderSize + _size;
            IPv4Packet.WriteHeader(_bytes, size, _identification, 0, _protocol, _source, _destination);
            return new ReadOnlySpan<byte>(_bytes, 0, size);
        }
    }
}
