using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// Tells switches and routers which groups an interface listens to (MLDv2: RFC 9777, and its predecessor where a querier speaks that), so that
/// those that snoop let through what Neighbour Discovery needs.
/// </summary>
internal sealed class MulticastListener(NetworkInterface netif)
{
    // RFC 9777, 9.1 and 9.11: said twice, within a second.
    private const int Robustness = 2;
    private const ulong UnsolicitedInterval = 1_000_000;
    private const ulong Never = ulong.MaxValue;

    private const int QuerySizeV1 = 24;
    private const int MinimumQuerySizeV2 = 28;
    private const int RouterAlertSize = 8;
    private const int RecordSize = 4 + IPAddress.IPv6Size;
    private const byte ModeIsExclude = 2;
    private const byte ChangeToExclude = 4;

    private int _left;
    private byte _record;
    private bool _isV1;
    private ulong _deadline = Never;

    /// <summary>The groups have changed: says so now, and once more.</summary>
    public void OnChange(ulong now)
    {
        _left = Robustness;
        _record = ChangeToExclude;
        _deadline = now;
        RunTimers(now);
    }

    /// <summary>A router asks who listens (RFC 9777, 5.1): it is told within the time that it gives, so that not all answer at once.</summary>
    public void OnQuery(IcmpMessage message, ulong now)
    {
        int size = message.Bytes.Length;
        if (size != QuerySizeV1 && size < MinimumQuerySizeV2)
        {
            netif.Counters.Drop(DropReason.BadIcmp);
            return;
        }

        _isV1 = size == QuerySizeV1;
        uint code = message.Rest >> 16;
        uint milliseconds = _isV1 || code < 0x8000 ? code : ((code & 0xFFF) | 0x1000) << (int)(((code >> 12) & 7) + 3);
        ulong delay = netif.Layer.Random.Below(Math.Max(milliseconds, 1)) * 1000UL;
        if (_left == 0)
        {
            _left = 1;
            _record = ModeIsExclude;
            _deadline = Never;
        }

        _deadline = Math.Min(_deadline, now + delay); // RFC 9777, 6.2: a later query does not put an answer off.
    }

    /// <returns>When to come again.</returns>
    public ulong RunTimers(ulong now)
    {
        while (_left > 0 && now >= _deadline)
        {
            _left--;
            _deadline = now + UnsolicitedInterval;
            Report(_record);
        }

        return _left > 0 ? _deadline : Never;
    }

    public void Stop() => _left = 0;

    private void Report(byte record)
    {
        Span<IPAddress> groups = stackalloc IPAddress[IPv6AddressTable.Capacity];
        int count = netif.IPv6.Table.CopyGroups(groups);
        if (!_isV1)
        {
            Span<byte> message = netif.Layer.Transport.Slice(RouterAlertSize, IcmpMessage.HeaderSize + count * RecordSize);
            for (int i = 0; i < count; i++)
            {
                Span<byte> at = message.Slice(IcmpMessage.HeaderSize + i * RecordSize, RecordSize);
                at.Clear();
                at[0] = record;
                groups[i].CopyTo(at.Slice(4));
            }

            Send(IPAddress.ListenerRouters, IcmpV6Type.ListenerReportV2, (uint)count, message);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Span<byte> message = netif.Layer.Transport.Slice(RouterAlertSize, IcmpMessage.HeaderSize + IPAddress.IPv6Size);
            groups[i].CopyTo(message.Slice(IcmpMessage.HeaderSize));
            Send(groups[i], IcmpV6Type.ListenerReportV1, 0, message);
        }
    }

    // With the router alert in a hop-by-hop header (RFC 9777, 5); from :: while no address is known to be ours (RFC 3590).
    private void Send(IPAddress destination, IcmpV6Type type, uint rest, Span<byte> message)
    {
        IPAddress source = netif.IPv6.SelectSource(IPAddress.AllNodes);
        source = source.IsAny ? IPAddress.IPv6Any : source;
        ReadOnlySpan<byte> alert = [(byte)IPProtocol.IcmpV6, 0, 5, 2, 0, 0, 1, 0];
        alert.CopyTo(netif.Layer.Transport);
        ulong pseudoHeader = InternetChecksum.PseudoHeader(
            source.ChecksumSum + destination.ChecksumSum, IPProtocol.IcmpV6, message.Length);
        IcmpMessage.WriteHeader(message, (byte)type, 0, rest, pseudoHeader);
        netif.Layer.SendIPv6(netif, source, destination, IPProtocol.HopByHop, RouterAlertSize + message.Length, hopLimit: 1);
    }
}
