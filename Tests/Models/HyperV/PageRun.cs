using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>Guest pages as one run of bytes.</summary>
public sealed class PageRun(GuestMemory memory, IReadOnlyList<ulong> pages)
{
    public long Length => (long)pages.Count * GuestMemory.PageSize;

    public void Read(long offset, Span<byte> target)
    {
        while (target.Length > 0)
        {
            Span<byte> part = Part(offset, target.Length);
            part.CopyTo(target);
            target = target[part.Length..];
            offset += part.Length;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            Span<byte> part = Part(offset, source.Length);
            source[..part.Length].CopyTo(part);
            source = source[part.Length..];
            offset += part.Length;
        }
    }

    private Span<byte> Part(long offset, int length)
    {
        int at = (int)(offset % GuestMemory.PageSize);
        return memory.Span(pages[(int)(offset / GuestMemory.PageSize)] + (ulong)at, Math.Min(length, GuestMemory.PageSize - at));
    }
}
