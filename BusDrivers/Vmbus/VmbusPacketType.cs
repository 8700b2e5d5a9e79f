namespace NetBoot.BusDrivers.Vmbus;

/// <summary>What a packet in a ring is.</summary>
public enum VmbusPacketType : ushort
{
    /// <summary>All the data is in the packet.</summary>
    InBand = 6,

    /// <summary>The data is in memory that the receiver has shown the sender beforehand.</summary>
    TransferPages = 7,

    /// <summary>The data is in guest memory that the packet names.</summary>
    GpaDirect = 9,

    /// <summary>The answer to a packet, known by its transaction.</summary>
    Completion = 11,
}
