using System;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>A packet as <see cref="VmbusChannel.TryReceive"/> gives it: a checked copy, valid until the next one is asked for.</summary>
public readonly ref struct VmbusPacket
{
    /// <summary>What the ring says that it is.</summary>
    public VmbusPacketType Type { get; init; }

    /// <summary>Whether the sender waits for <see cref="VmbusChannel.Complete"/>.</summary>
    public bool CompletionRequested { get; init; }

    /// <summary>What a completion names; all 64 bits are the sender's.</summary>
    public ulong Transaction { get; init; }

    /// <summary>What follows the descriptor; a multiple of 8 bytes, so the last ones may be padding.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Which set of pages <see cref="Ranges"/> are of; for transfer-page packets.</summary>
    public ushort TransferPageSet { get; init; }

    /// <summary>The ranges of a transfer-page packet. Whether they are inside of the set's memory is the receiver's to check.</summary>
    public ReadOnlySpan<NETBOOT_VMBUS_TRANSFER_RANGE> Ranges { get; init; }
}
