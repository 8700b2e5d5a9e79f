using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>A device that keeps what it gets, and leaves the rest to the test.</summary>
public sealed class RawDevice(Guid interfaceType, Guid instance) : VmbusDevice(interfaceType, instance)
{
    public Queue<HostPacket> Packets { get; } = [];

    /// <summary>Instead of keeping a packet.</summary>
    public Action<HostPacket>? Received { get; set; }

    protected internal override void Receive(HostPacket packet)
    {
        if (Received is { } received)
        {
            received(packet);
        }
        else
        {
            Packets.Enqueue(packet);
        }
    }
}
