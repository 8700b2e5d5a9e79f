namespace NetBoot.BusDrivers.Vmbus;

/// <summary>A packet that was received.</summary>
public unsafe struct NETBOOT_VMBUS_PACKET
{
    /// <summary>In <see cref="Flags"/>: the sender wants SendCompletion.</summary>
    public const ushort NETBOOT_VMBUS_COMPLETION_REQUESTED = 1;

    /// <summary>The number that the ring has for it: see <see cref="VmbusPacketType"/>.</summary>
    public ushort Type;

    /// <summary>NETBOOT_VMBUS_COMPLETION_REQUESTED, and bits that mean nothing to a driver.</summary>
    public ushort Flags;

    /// <summary>Bytes; a multiple of 8, since rings know no others.</summary>
    public uint PayloadSize;

    /// <summary>What a completion names; all 64 bits are the sender's.</summary>
    public ulong Transaction;

    /// <summary>What follows the descriptor.</summary>
    public void* Payload;

    /// <summary>Of a transfer-page packet only: which set of pages its ranges are of.</summary>
    public ushort TransferPageSet;

    /// <summary>Zero.</summary>
    public ushort Reserved;

    /// <summary>Of a transfer-page packet only: how many <see cref="Ranges"/> there are.</summary>
    public uint RangeCount;

    /// <summary>Of a transfer-page packet only: its ranges, in the copy as <see cref="Payload"/>.</summary>
    public NETBOOT_VMBUS_TRANSFER_RANGE* Ranges;
}
