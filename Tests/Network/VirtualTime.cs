using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Network;

/// <summary>The clock of a simulated network, and what is to happen at which moment. Nothing waits for real.</summary>
public sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (ulong Time, long Order)> _events = new();
    private long _order;

    /// <summary>Microseconds.</summary>
    public ulong Now { get; private set; } = 1_000_000;

    public bool HasEvents => _events.Count != 0;

    public void After(ulong microseconds, Action action) => _events.Enqueue(action, (Now + microseconds, _order++));

    /// <summary>Runs what is due until then, and sets the clock.</summary>
    public void AdvanceTo(ulong time)
    {
        while (_events.TryPeek(out Action? action, out (ulong Time, long Order) key) && key.Time <= time)
        {
            _events.Dequeue();
            Now = Math.Max(Now, key.Time);
            action();
        }

        Now = Math.Max(Now, time);
    }

    /// <summary>When the next event is, or <paramref name="limit"/> if that is sooner.</summary>
    public ulong NextEvent(ulong limit) => _events.TryPeek(out _, out (ulong Time, long Order) key) ? Math.Min(key.Time, limit) : limit;
}
