using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>What a storage device may be told to do wrong, or only unlike others.</summary>
public sealed class StorvspFaults
{
    /// <summary>SCSI requests are executed when <see cref="StorvspDevice.Release"/> is called.</summary>
    public bool HoldsRequests { get; set; }

    /// <summary>A reset of the bus ends the requests that wait, as Windows' host does; OpenVMM's resets do nothing.</summary>
    public bool FlushesOnReset { get; set; }

    /// <summary>What a request's command is answered with instead of being executed; null executes it.</summary>
    public Func<byte[], ScsiResult?>? Answer { get; set; }

    /// <summary>Changes a completion before it is sent (what it answers, transaction, packet); a packet of null drops it.</summary>
    public Func<StorvspOperation, ulong, byte[], (ulong Transaction, byte[]? Packet)>? TamperCompletion { get; set; }

    /// <summary>Operations that are not answered.</summary>
    public HashSet<StorvspOperation> Unanswered { get; } = [];

    /// <summary>The NTSTATUS of operations that are refused.</summary>
    public Dictionary<StorvspOperation, uint> Statuses { get; } = [];
}
