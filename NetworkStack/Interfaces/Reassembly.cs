using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// Puts fragments of both versions together (RFC 815; RFC 8200, 4.5): a few datagrams at a time, each for a bounded time. Fragments that
/// overlap are never honest: they end their datagram (RFC 5722, which serves IPv4 as well); exact repetitions are ignored.
/// </summary>
internal sealed class Reassembly
{
    private const int MaximumDatagrams = 4;
    private const int MaximumPieces = 64;
    private const ulong Lifetime = 15_000_000; // RFC 791, 3.2: fifteen seconds. RFC 8200, 4.5, allows sixty.
    private const ulong Never = ulong.MaxValue;

    private readonly Datagram[] _datagrams = new Datagram[MaximumDatagrams];
    private ulong _nextDeadline = Never;

    public Reassembly()
    {
        for (int i = 0; i < MaximumDatagrams; i++)
        {
            _datagrams[i] = new Datagram();
        }
    }

    /// <summary>
    /// Takes a fragment in. True when this one completed its datagram.
    /// </summary>
    /// <param name="netif">Where it came in.</param>
    /// <param name="fragment">Of this host's.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="whole">With its header, and valid until the next call. In version 6 its payload may still begin with extension headers.</param>
    public bool TryAdd(NetworkInterface netif, IPFragment fragment, ulong now, out IPPacket whole)
    {
        whole = default;
        Datagram datagram = Find(netif, fragment, now);
        if (!datagram.TryAdd(fragment))
        {
            datagram.Interface = null;
            netif.Counters.Drop(DropReason.BadFragment);
            return false;
        }

        if (!datagram.IsComplete)
        {
            return false;
        }

        datagram.Interface = null;
        whole = datagram.Complete();
        return true;
    }

    /// <summary>Drops what an interface that goes has received.</summary>
    public void Forget(NetworkInterface netif)
    {
        foreach (Datagram datagram in _datagrams)
        {
            datagram.Interface = datagram.Interface == netif ? null : datagram.Interface;
        }
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

    private Datagram Find(NetworkInterface netif, IPFragment fragment, ulong now)
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
        private const int MaximumSize = 65535;
        private const int HeaderRoom = IPv6Packet.HeaderSize;
        private const int Unknown = -1;

        private readonly byte[] _bytes = new byte[HeaderRoom + MaximumSize];
        private readonly int[] _starts = new int[MaximumPieces];
        private readonly int[] _ends = new int[MaximumPieces];
        private int _pieces;
        private int _received;
        private int _size;
        private IPAddress _source;
        private IPAddress _destination;
        private IPProtocol _protocol;
        private uint _identification;

        /// <summary>Null when this place is free.</summary>
        public NetworkInterface? Interface { get; set; }

        public ulong Deadline { get; private set; }

        // Pieces never overlap, so their sizes add up to the whole only when nothing is missing.
        public bool IsComplete => _received == _size;

        public bool Matches(NetworkInterface netif, IPFragment fragment) =>
            Interface == netif && _identification == fragment.Identification && _source == fragment.Source &&
            _destination == fragment.Destination && (_protocol == fragment.Protocol || fragment.IsIPv6);

        public void Start(NetworkInterface netif, IPFragment fragment, ulong deadline)
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

        public bool TryAdd(IPFragment fragment)
        {
            ReadOnlySpan<byte> payload = fragment.Payload;
            int start = fragment.Offset;
            int end = start + payload.Length;
            bool isLast = !fragment.HasMore;
            if (payload.Length == 0 || end > (fragment.IsIPv6 ? MaximumSize : MaximumSize - IPv4Packet.HeaderSize) || (!isLast && payload.Length % 8 != 0) || (_size != Unknown && end > _size))
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

            if (start == 0)
            {
                _protocol = fragment.Protocol;
            }

            payload.CopyTo(new Span<byte>(_bytes, HeaderRoom + start, payload.Length));
            _starts[_pieces] = start;
            _ends[_pieces] = end;
            _pieces++;
            _received += payload.Length;
            return true;
        }

        public IPPacket Complete()
        {
            bool isIPv6 = _source.Family == AddressFamily.IPv6;
            int headerSize = isIPv6 ? IPv6Packet.HeaderSize : IPv4Packet.HeaderSize;
            Span<byte> bytes = _bytes.AsSpan(HeaderRoom - headerSize, headerSize + _size);
            if (isIPv6)
            {
                IPv6Packet.WriteHeader(bytes, _size, _protocol, IPv6Packet.DefaultHopLimit, _source, _destination);
            }
            else
            {
                IPv4Packet.WriteHeader(bytes, bytes.Length, (ushort)_identification, 0, _protocol, _source.IPv4, _destination.IPv4);
            }

            return new IPPacket(_source, _destination, _protocol, bytes, bytes.Slice(headerSize));
        }
    }
}
