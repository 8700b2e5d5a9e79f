using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>When a lease is to be renewed, rebound and given up: microseconds of <see cref="EventLoop.Now"/>, <see cref="ulong.MaxValue"/> for never.</summary>
internal readonly struct DhcpLeaseTimes
{
    private const ulong Second = 1_000_000;
    private const ulong Never = ulong.MaxValue;

    /// <summary>A server that wants to be asked more often than this is not heard.</summary>
    private const ulong ShortestRenewal = 5 * Second;

    /// <summary>RFC 2131, 4.4.5: half of the lease, and seven eighths, unless the server says otherwise.</summary>
    /// <param name="answer">The acknowledgement.</param>
    /// <param name="requestedAt">When it was asked for.</param>
    public DhcpLeaseTimes(DhcpMessage answer, ulong requestedAt)
    {
        ulong time = ReadTime(answer, DhcpTag.LeaseTime);
        ulong renewal = ReadTime(answer, DhcpTag.RenewalTime);
        ulong rebinding = ReadTime(answer, DhcpTag.RebindingTime);
        if (time is 0 or Never)
        {
            (RenewAt, RebindAt, ExpiresAt) = (Never, Never, Never);
            return;
        }

        rebinding = rebinding == 0 || rebinding >= time ? time / 8 * 7 : rebinding;
        renewal = renewal == 0 || renewal >= rebinding ? Math.Min(time / 2, rebinding) : renewal;
        RenewAt = requestedAt + renewal;
        RebindAt = requestedAt + rebinding;
        ExpiresAt = requestedAt + time;
    }

    /// <summary>RFC 8415, 21.4: half of the preferred lifetime, else of the valid one, and four fifths, unless the server says otherwise.</summary>
    /// <param name="association">With an address.</param>
    /// <param name="requestedAt">When it was asked for.</param>
    public DhcpLeaseTimes(in Dhcp6Association association, ulong requestedAt)
    {
        ulong valid = ToTime(association.ValidTime);
        ulong preferred = association.PreferredTime != 0 ? ToTime(association.PreferredTime) : valid;
        ulong renewal = association.RenewalTime != 0 ? ToTime(association.RenewalTime) : preferred == Never ? Never : preferred / 2;
        ulong rebinding = association.RebindingTime != 0 ? ToTime(association.RebindingTime) : preferred == Never ? Never : preferred / 5 * 4;
        RenewAt = After(requestedAt, Math.Max(renewal, ShortestRenewal));
        RebindAt = After(requestedAt, Math.Max(rebinding, ShortestRenewal));
        ExpiresAt = After(requestedAt, valid);
    }

    /// <summary>What is asked for again, but never ends.</summary>
    public DhcpLeaseTimes(ulong renewAt) => (RenewAt, RebindAt, ExpiresAt) = (renewAt, Never, Never);

    /// <summary>T1: its server is asked.</summary>
    public ulong RenewAt { get; }

    /// <summary>T2: any server is asked.</summary>
    public ulong RebindAt { get; }

    /// <summary>The address is not ours any more.</summary>
    public ulong ExpiresAt { get; }

    /// <summary>0 when the answer does not say.</summary>
    private static ulong ReadTime(DhcpMessage answer, byte tag)
    {
        if (!answer.TryGetOption(tag, out ReadOnlySpan<byte> value) || value.Length != 4)
        {
            return 0;
        }

        return ToTime(BinaryPrimitives.ReadUInt32BigEndian(value));
    }

    private static ulong ToTime(uint seconds) => seconds == uint.MaxValue ? Never : seconds * Second;

    private static ulong After(ulong start, ulong time) => time == Never ? Never : start + time;
}
