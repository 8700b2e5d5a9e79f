using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>A packet of the guest's, copied out of the ring.</summary>
/// <param name="Type">In-band, GPA-direct or completion; others are refused before.</param>
/// <param name="WantsCompletion">Bit 0 of the flags.</param>
/// <param name="Transaction">The guest's, or the host's in a completion.</param>
/// <param name="Payload">What is behind the descriptor, with its padding to 8 bytes.</param>
/// <param name="External">The bytes that a GPA-direct packet names, gathered.</param>
public sealed record HostPacket(PacketType Type, bool WantsCompletion, ulong Transaction, byte[] Payload, byte[] External)
{
    /// <summary>Where <see cref="External"/> is in the guest's memory, in pieces that cross no page.</summary>
    public required IReadOnlyList<(ulong Address, int Length)> Pieces { get; init; }

    /// <summary>In how many ranges the guest names it.</summary>
    public required int RangeCount { get; init; }
}
