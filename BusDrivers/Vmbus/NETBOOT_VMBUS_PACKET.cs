namespace BusDrivers.Vmbus;

/// <summary>A packet that was received.</summary>
public unsafe struct NETBOOT_VMBUS_PACKET
{
    /// <summary>In <see cref="Flags"/>: the sender wants SendCompletion.</summary>
    public const ushort NETBOOT_VMBUS_COMPLETION_REQUESTED = 1;

    /// <summary>The number that the ring has for it: see <see cref="VmbusPacketType"/>.</summary>
    public ushort Type;

    public ushort Flags;

    /// <summary>Bytes; a multiple of 8, since rings know no others.</summary>
    public uint PayloadSize;

    public ulong Transaction;

    /// <summary>What follows the descriptor.</summary>
    public void* Payload;

    /// <summary>Of a transfer-page packet only: which set of pages its ranges are of, and how many they are.</summary>
    public ushort TransferPageSet;
    public ushort Reserved;
    public uint RangeCount;
    public NETBOOT_VMBUS_TRANSFER_RANGE* Ranges;
}
