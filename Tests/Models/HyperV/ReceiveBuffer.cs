using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The guest's receive buffer in suballocations; the first ones may be kept for what is not a frame, as OpenVMM does.</summary>
internal sealed class ReceiveBuffer(PageRun memory, uint start, uint sectionSize, int count, int controlCount)
{
    private readonly Queue<int> _freeControls = new(Range(0, controlCount));
    private readonly Queue<int> _freeData = new(Range(controlCount, count));

    public int SectionSize => (int)sectionSize;

    private static IEnumerable<int> Range(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            yield return i;
        }
    }

    public uint Offset(int section) => start + ((uint)section * sectionSize);

    /// <summary>Takes a suballocation; null when all are with the guest.</summary>
    public int? Take(bool isControl) => (isControl && controlCount > 0 ? _freeControls : _freeData).TryDequeue(out int section) ? section : null;

    public void Free(ReadOnlySpan<int> sections)
    {
        foreach (int section in sections)
        {
            (section < controlCount ? _freeControls : _freeData).Enqueue(section);
        }
    }

    public void Write(int section, ReadOnlySpan<byte> message)
    {
        if (message.Length > SectionSize)
        {
            throw new ArgumentException("The message does not fit a suballocation.");
        }

        memory.Write(Offset(section), message);
    }
}
