using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>
/// Whom a search for boot servers asks, when, and whom it believes (PXE 2.1, 2.2.3: PXE_DISCOVERY_CONTROL). All that may be asked are asked at
/// the same time, so that one that is down costs nothing; the first that names a file is taken.
/// </summary>
public sealed class BootServerDiscovery
{
    private const ushort DhcpPort = 67;

    /// <summary>PXE 2.1, 2.2.3: the port of boot servers.</summary>
    private const ushort BootServerPort = 4011;
    private const ulong Second = 1_000_000;
    private const ulong Time = 10 * Second;

    /// <summary>More of one type are not asked.</summary>
    private const int MaximumServers = 16;

    private readonly IPv4Address[] _servers = new IPv4Address[MaximumServers];
    private readonly IPv4Address[] _destinations = new IPv4Address[MaximumServers + 2];
    private readonly ushort _type;
    private readonly ushort _layer;
    private readonly bool _believesAll;
    private readonly int _serverCount;
    private readonly int _destinationCount;
    private ulong _startedAt;
    private ulong _retryAt;
    private ulong _timeout = Second;

    /// <summary>As the lease says.</summary>
    /// <param name="type">Of the servers.</param>
    /// <param name="options">Not needed any more afterwards.</param>
    public BootServerDiscovery(ushort type, PxeOptions options)
    {
        _type = type;
        _believesAll = !options.IsListOnly;
        PxeBootServerReader reader = new(options.BootServers);
        while (reader.Read())
        {
            _believesAll |= reader.Type == type && reader.Count == 0;
            for (int i = 0; reader.Type == type && i < reader.Count && _serverCount < MaximumServers; i++)
            {
                _servers[_serverCount++] = reader.GetAddress(i);
            }
        }

        for (int i = 0; i < _serverCount; i++)
        {
            if (_servers[i].IsUnicast)
            {
                _destinations[_destinationCount++] = _servers[i];
            }
        }

        if (options.MayMulticast)
        {
            _destinations[_destinationCount++] = options.Multicast;
        }

        if (options.MayBroadcast)
        {
            _destinations[_destinationCount++] = IPv4Address.Broadcast;
        }
    }

    /// <summary>As somebody else says. Of each list the first 16 count, and two more of those who are asked.</summary>
    /// <param name="type">Of the servers.</param>
    /// <param name="layer">Which of their files is asked for; 0 for the first (PXE 2.1, 2.2.3: PXE_BOOT_ITEM).</param>
    /// <param name="destinations">Who is asked: hosts, a group, the broadcast address.</param>
    /// <param name="believed">Whose answers count; none for everybody's.</param>
    public BootServerDiscovery(ushort type, ushort layer, ReadOnlySpan<IPAddress> destinations, ReadOnlySpan<IPAddress> believed)
    {
        _type = type;
        _layer = layer;
        _believesAll = believed.IsEmpty;
        _destinationCount = Copy(destinations, _destinations);
        _serverCount = Copy(believed, _servers);
    }

    private static int Copy(ReadOnlySpan<IPAddress> from, IPv4Address[] to)
    {
        int count = Math.Min(from.Length, to.Length);
        for (int i = 0; i < count; i++)
        {
            to[i] = from[i].IPv4;
        }

        return count;
    }

    /// <summary>Of its requests.</summary>
    public uint TransactionId { get; private set; }

    internal void Begin(uint transactionId, ulong now)
    {
        TransactionId = transactionId;
        _startedAt = _retryAt = now;
    }

    /// <summary>True when nobody has answered in time, or nobody may be asked.</summary>
    internal bool IsOver(ulong now) => _destinationCount == 0 || now - _startedAt >= Time;

    /// <summary>True when everybody is to be asked, for the first time or again.</summary>
    internal bool TakeTurn(ulong now)
    {
        if (now < _retryAt)
        {
            return false;
        }

        _retryAt = now + _timeout;
        _timeout *= 2;
        return true;
    }

    /// <summary>Seconds since it began.</summary>
    internal ushort Elapsed(ulong now) => (ushort)((now - _startedAt) / Second);

    /// <summary>The n-th to ask, from 0.</summary>
    internal bool TryGetDestination(int index, out IPEndpoint destination)
    {
        destination = default;
        if (index >= _destinationCount)
        {
            return false;
        }

        IPv4Address address = _destinations[index];
        destination = new IPEndpoint(address, address.IsBroadcast ? DhcpPort : BootServerPort);
        return true;
    }

    /// <summary>What is asked: message type, and the boot item.</summary>
    internal void WriteOptions(ref DhcpWriter writer)
    {
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Request);
        writer.Option(DhcpTag.VendorSpecific, [PxeOptions.BootItem, 4, (byte)(_type >> 8), (byte)_type, (byte)(_layer >> 8), (byte)_layer, DhcpTag.End]);
    }

    /// <summary>
    /// Whether an answer is one: of a boot server of the type that may be believed, with a file. DHCP servers hear the broadcast too, and take it for a
    /// renewal: from their port, the answer has to say which type it is of.
    /// </summary>
    internal bool Accepts(DhcpMessage message, IPv4Address server, ushort port)
    {
        message.TryGetOption(DhcpTag.VendorSpecific, out ReadOnlySpan<byte> options);
        int type = new PxeOptions(options).ItemType;
        bool isBelieved = _believesAll;
        for (int i = 0; i < _serverCount; i++)
        {
            isBelieved |= _servers[i] == server;
        }

        return isBelieved && message.IsPxe && !message.FileName.IsEmpty && (type == _type || (type < 0 && port != DhcpPort));
    }

    /// <summary>Why nothing came of it.</summary>
    internal string Explain()
    {
        TextBuilder text = new(80, 0);
        text.Append(TextBuilder.Format($"no boot server of type {(uint)_type}"));
        if (_destinationCount == 0)
        {
            text.Append(" is listed, and no other may be asked");
        }

        for (int i = 0; i < _destinationCount; i++)
        {
            text.Append(i == 0 ? " answers: " : ", ");
            text.Append(TextBuilder.Format($"{_destinations[i]}"));
        }

        return text.ToString();
    }
}
