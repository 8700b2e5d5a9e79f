using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>
/// What was read of a disk over the network last, in lines of one size. Where reads follow each other, more is read each time than was asked for.
/// Long reads go straight to who reads. A full cache gives up what came first.
/// </summary>
/// <param name="source">What is read.</param>
internal sealed unsafe class SanCache(ISanSource source)
{
    internal const int LineSize = 4 * 1024;

    /// <summary>In lines, as all sizes below.</summary>
    internal const int LargestReadAhead = 256;

    private const int Lines = 512;

    /// <summary>The first read ahead.</summary>
    private const int SmallestReadAhead = 4;

    /// <summary>Bytes of memory for it.</summary>
    internal const int Room = Lines * (LineSize + sizeof(ulong)) + 256;

    /// <summary>What is at least as long does not go through the cache.</summary>
    private const int LongRead = 64;

    private const ulong NoLine = ulong.MaxValue;

    private readonly byte[] _memory = new byte[Lines * LineSize];
    private readonly ulong[] _lines = NoLines();
    private int _nextSlot;
    private int _lastSlot;
    private ulong _nextRead;
    private int _readAhead = 1;

    /// <summary>Reads bytes.</summary>
    /// <param name="at">Of the disk; a multiple of its blocks.</param>
    /// <param name="to">Whole blocks.</param>
    /// <param name="size">The disk's, in bytes.</param>
    public EFI_STATUS Read(ulong at, Span<byte> to, ulong size)
    {
        bool isNext = at == _nextRead;
        _readAhead = isNext ? Math.Max(_readAhead, SmallestReadAhead) : 1;
        _nextRead = at + (ulong)to.Length;
        while (!to.IsEmpty)
        {
            ulong line = at / LineSize;
            int slot = FindSlot(line);
            int count;
            if (slot >= 0)
            {
                int offset = (int)(at % LineSize);
                count = Math.Min(to.Length, LineSize - offset);
                new ReadOnlySpan<byte>(_memory, slot * LineSize + offset, count).CopyTo(to);
            }
            else
            {
                count = LengthOfGap(at, to.Length);
                EFI_STATUS status;
                if (count >= LongRead * LineSize)
                {
                    fixed (byte* reader = to)
                    {
                        status = source.Fetch(at, (ulong)count, reader);
                    }
                }
                else
                {
                    status = Fill(line, (int)((at + (ulong)count - 1) / LineSize - line) + 1, size);
                    count = 0;
                    _readAhead = isNext ? Math.Min(_readAhead * 2, LargestReadAhead) : _readAhead;
                }

                if (status.IsError)
                {
                    return status;
                }
            }

            at += (ulong)count;
            to = to.Slice(count);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Reads lines, and further ones while reads follow each other.</summary>
    /// <param name="line">The first, which is not here.</param>
    /// <param name="count">How many are needed, less than <see cref="LongRead"/> and one; none of them is here.</param>
    /// <param name="size">The disk's, in bytes; ulong.MaxValue while it is not known.</param>
    public EFI_STATUS Fill(ulong line, int count, ulong size)
    {
        ulong start = line * LineSize;
        ulong end = Math.Min(line + (ulong)Math.Max(count, _readAhead), (size - 1) / LineSize + 1);
        int chosen = (int)(FindNext(line + (ulong)count, end) - line);
        int slot = _nextSlot + chosen > Lines ? 0 : _nextSlot;
        new Span<ulong>(_lines, slot, chosen).Fill(NoLine); // Whatever comes of it, what they had is lost.
        EFI_STATUS status;
        fixed (byte* memory = _memory)
        {
            status = source.Fetch(start, Math.Min((ulong)chosen * LineSize, size - start), memory + slot * LineSize);
        }

        for (int i = 0; i < chosen && !status.IsError; i++)
        {
            _lines[slot + i] = line + (ulong)i;
        }

        _lastSlot = slot;
        _nextSlot = slot + chosen;
        return status;
    }

    /// <summary>Gives up what is going to be written on.</summary>
    public void Forget(ulong at, ulong length)
    {
        foreach (ref ulong line in new Span<ulong>(_lines))
        {
            if (line != NoLine && line * LineSize < at + length && at < (line + 1) * LineSize)
            {
                line = NoLine;
            }
        }
    }

    private static ulong[] NoLines()
    {
        ulong[] lines = new ulong[Lines];
        Array.Fill(lines, NoLine);
        return lines;
    }

    /// <summary>Reads that follow each other find theirs at once: it is where the last one was, or behind it.</summary>
    private int FindSlot(ulong line)
    {
        int next = (_lastSlot + 1) % Lines;
        if (_lines[_lastSlot] == line || _lines[next] == line)
        {
            _lastSlot = _lines[next] == line ? next : _lastSlot;
            return _lastSlot;
        }

        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i] == line)
            {
                _lastSlot = i;
                return i;
            }
        }

        return -1;
    }

    /// <summary>The first line that is here, from one on up to another; that other when none is.</summary>
    private ulong FindNext(ulong line, ulong end)
    {
        for (int i = 0; i < _lines.Length && line < end; i++)
        {
            ulong each = _lines[i];
            end = each >= line && each < end ? each : end;
        }

        return end;
    }

    /// <summary>How many of some bytes come before the next that are here.</summary>
    private int LengthOfGap(ulong at, int length)
    {
        ulong end = at + (ulong)length;
        return (int)(Math.Min(FindNext(at / LineSize + 1, (end - 1) / LineSize + 1) * LineSize, end) - at);
    }
}
