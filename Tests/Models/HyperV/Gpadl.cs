using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>Guest pages that a channel's device may use.</summary>
public sealed class Gpadl(uint id, HostChannel channel, int pageCount)
{
    private readonly List<ulong> _pages = [];

    public uint Id { get; } = id;

    public HostChannel Channel { get; } = channel;

    /// <summary>How many pages the guest has announced.</summary>
    public int PageCount { get; } = pageCount;

    /// <summary>The addresses of its pages.</summary>
    public IReadOnlyList<ulong> Pages => _pages;

    public bool IsComplete => _pages.Count == PageCount;

    /// <summary>What the device uses it for, until the channel is closed; null for nothing.</summary>
    public string? Use { get; internal set; }

    /// <summary>The guest wants it back, and is told when the device does not use it any more.</summary>
    public bool IsTearingDown { get; internal set; }

    internal void Add(ulong page) => _pages.Add(page);
}
