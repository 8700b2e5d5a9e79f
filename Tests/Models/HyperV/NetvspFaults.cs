using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>What a network device may be told to do wrong, or only unlike others.</summary>
public sealed class NetvspFaults
{
    /// <summary>The status of INIT_COMPLETE for a version that is refused; hosts differ: 2, 0, 7.</summary>
    public uint RefusalStatus { get; set; } = 2;

    /// <summary>The status of SEND_RECEIVE_BUFFER_COMPLETE; 1 is success.</summary>
    public uint ReceiveBufferStatus { get; set; } = 1;

    /// <summary>The status of SEND_SEND_BUFFER_COMPLETE; 1 is success.</summary>
    public uint SendBufferStatus { get; set; } = 1;

    /// <summary>Changes an NVSP completion before it is sent (type that it answers, message); null drops it.</summary>
    public Func<NvspMessage, byte[], byte[]?>? TamperCompletion { get; set; }

    /// <summary>Changes an RNDIS message for the guest before it is put into the receive buffer; null drops it.</summary>
    public Func<RndisMessage, byte[], byte[]?>? TamperRndis { get; set; }

    /// <summary>Changes the ranges of each packet for the guest, as its descriptor tells them.</summary>
    public Func<(uint Length, uint Offset)[], (uint Length, uint Offset)[]>? TamperRanges { get; set; }

    /// <summary>Completions for the guest have at least this many bytes (32 and 40 are seen).</summary>
    public int CompletionPadding { get; set; }

    /// <summary>An RNDIS response comes before the completion of its request.</summary>
    public bool RespondsBeforeCompletion { get; set; }

    /// <summary>Completions of what the guest has sent wait for <see cref="NetvspDevice.ReleaseCompletions"/>.</summary>
    public bool HoldsCompletions { get; set; }

    /// <summary>RNDIS requests that are not answered.</summary>
    public HashSet<RndisMessage> Unanswered { get; } = [];

    /// <summary>The RNDIS status of completions of objects; 0 is success.</summary>
    public Dictionary<uint, uint> ObjectStatus { get; } = [];
}
