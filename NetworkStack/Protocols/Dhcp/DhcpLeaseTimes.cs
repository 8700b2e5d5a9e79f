using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>When a lease is to be renewed, rebound and given up: microseconds of <see cref="EventLoop.Now"/>, <see cref="ulong.MaxValue"/> for never.</summary>
internal readonly struct DhcpLeaseTimes
{
    private const ulong Second = 1_000_000;
    private const ulong Never = ulong.MaxValue;

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

        uint seconds = BinaryPrimitives.ReadUInt32BigEndian(value);
        return seconds == uint.MaxValue ? Never : seconds * Second;
    }
}
