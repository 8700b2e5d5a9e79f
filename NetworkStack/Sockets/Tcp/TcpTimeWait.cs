using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>
/// What is left of a connection whose owner is gone while its end is not agreed yet: no buffers, only what it takes to send the FIN again
/// and to acknowledge the peer's.
/// </summary>
internal struct TcpTimeWait
{
    /// <summary>Its interface is null when this place is free.</summary>
    public Flow Flow;
    public IPEndpoint Remote;
    public ushort Port;

    /// <summary>The sequence number of our FIN.</summary>
    public uint Fin;

    /// <summary>The next byte that we expect.</summary>
    public uint Next;
    public bool IsFinAcknowledged;
    public bool IsPeerFinished;
    public bool HasTimestamps;
    public uint TimestampOffset;
    public uint PeerTimestamp;

    /// <summary>When the FIN is sent again, doubled each time.</summary>
    public ulong Retransmit;
    public ulong Timeout;

    /// <summary>When it is forgotten in any case.</summary>
    public ulong Deadline;
}
