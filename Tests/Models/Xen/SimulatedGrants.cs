using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// The guest's grant table, version 1 (public/grant_table.h): entries of { u16 flags, u16 domid, u32 frame }. A backend maps what the
/// guest has granted, and unmaps it.
/// </summary>
public sealed unsafe class SimulatedGrants(SimulatedXen xen)
{
    public const ushort PermitAccess = 1;
    public const ushort ReadOnly = 4;
    public const ushort Reading = 8;
    public const ushort Writing = 0x10;

    private const int PageSize = 4096;
    private const int EntrySize = 8;
    private const int EntriesOfFrame = PageSize / EntrySize;
    private const int Reserved = 8;

    // Each frame where it is now: in the guest's memory, or, while it is not mapped, here.
    private sealed class Frame
    {
        public byte* Mapped;
        public readonly byte[] Hidden = new byte[PageSize];

        public Span<byte> Content => Mapped == null ? Hidden : new Span<byte>(Mapped, PageSize);
    }

    private readonly record struct Mapping(ulong Entry, int Count);

    private readonly List<Frame> _frames = [];
    private readonly Dictionary<uint, Mapping> _mappings = [];

    /// <summary>How many frames the table may grow to.</summary>
    public uint MaximumFrames { get; set; } = 64;

    /// <summary>1, or 2: the guest has to ask for version 1 then.</summary>
    public uint Version { get; set; } = 1;

    /// <summary>Whether the version can be asked for and changed.</summary>
    public bool HasVersions { get; set; } = true;

    /// <summary>Frames that there are, mapped or not.</summary>
    public int FrameCount => _frames.Count;

    /// <summary>Frames that the guest has mapped.</summary>
    public int MappedFrames => _frames.Count(each => each.Mapped != null);

    /// <summary>The references beyond the reserved ones that the guest has in use.</summary>
    public IReadOnlyList<uint> Granted =>
        [.. Enumerable.Range(Reserved, Math.Max(0, (_frames.Count * EntriesOfFrame) - Reserved)).Select(each => (uint)each).Where(
            each => (ushort)Read(each) != 0)];

    /// <summary>How many pages backends have mapped.</summary>
    public int MappedPages => _mappings.Count;

    /// <summary>The entry's flags.</summary>
    public ushort FlagsOf(uint reference) => (ushort)Read(reference);

    /// <summary>Makes the table have frames, and an entry in use, as an earlier user has left it.</summary>
    public void Leave(uint reference, ushort flags, ushort domain, uint frame)
    {
        Grow(reference / EntriesOfFrame);
        Write(reference, flags | ((ulong)domain << 16) | ((ulong)frame << 32));
    }

    /// <summary>
    /// Maps a page that the guest has granted to the domain, as a backend does. Null when it has not, or not for writing: that is for
    /// the backend to report. The page stays the backend's until <see cref="Unmap"/>.
    /// </summary>
    public byte* Map(uint reference, ushort domain, bool forWriting)
    {
        if (reference >= _frames.Count * EntriesOfFrame)
        {
            return null;
        }

        ulong entry = Read(reference);
        ushort flags = (ushort)entry;
        ulong address = (entry >> 32) * PageSize;
        if ((flags & 3) != PermitAccess || (ushort)(entry >> 16) != domain || (forWriting && (flags & ReadOnly) != 0))
        {
            return null;
        }

        if (xen.Firmware.MemoryTypeOf(address) is null)
        {
            xen.Violate($"Grant {reference} is of the page at {address:x}, which is not allocated");
            return null;
        }

        ulong inUse = entry | Reading | (forWriting ? Writing : 0u);
        Write(reference, inUse);
        int count = _mappings.TryGetValue(reference, out Mapping mapping) ? mapping.Count : 0;
        _mappings[reference] = new Mapping(inUse, count + 1);
        return (byte*)address;
    }

    /// <summary>Ends <see cref="Map"/>; with the last one, the entry is no longer in use.</summary>
    public void Unmap(uint reference)
    {
        Mapping mapping = _mappings[reference];
        Check(reference, mapping);
        if (mapping.Count > 1)
        {
            _mappings[reference] = mapping with { Count = mapping.Count - 1 };
            return;
        }

        _mappings.Remove(reference);
        Write(reference, Read(reference) & ~(ulong)(Reading | Writing));
    }

    /// <summary>Copies into or out of a granted page, as the grant copy of a backend does. False when it may not.</summary>
    public bool Copy(uint reference, ushort domain, int offset, Span<byte> local, bool toGuest)
    {
        if (offset < 0 || offset + local.Length > PageSize)
        {
            return false;
        }

        byte* page = Map(reference, domain, toGuest);
        if (page == null)
        {
            return false;
        }

        Span<byte> memory = new(page + offset, local.Length);
        if (toGuest)
        {
            local.CopyTo(memory);
        }
        else
        {
            memory.CopyTo(local);
        }

        Unmap(reference);
        return true;
    }

    internal void Verify()
    {
        foreach ((uint reference, Mapping mapping) in _mappings)
        {
            Check(reference, mapping);
        }
    }

    private void Check(uint reference, Mapping mapping)
    {
        ulong now = Read(reference);
        if (now != mapping.Entry)
        {
            xen.Violate($"The guest changed grant {reference} while it was in use: {mapping.Entry:x16}, now {now:x16}");
        }

        if (xen.Firmware.MemoryTypeOf((mapping.Entry >> 32) * PageSize) is null && !xen.Firmware.HasExitedBootServices)
        {
            xen.Violate($"The guest freed the page of grant {reference} while it was in use");
        }
    }

    internal long MapFrame(ulong index, byte* target)
    {
        if (index >= MaximumFrames)
        {
            return SimulatedXen.InvalidArgument;
        }

        if (Version != 1)
        {
            xen.Violate($"Frame {index} of a table of version {Version} mapped as of version 1");
        }

        if (index > (ulong)_frames.Count)
        {
            xen.Violate($"Frame {index} of the grant table before frame {_frames.Count}");
        }

        Grow(index);
        Move(_frames[(int)index], target);
        return 0;
    }

    internal bool UnmapFrame(byte* target)
    {
        if (_frames.Find(each => each.Mapped == target) is not { } frame)
        {
            return false;
        }

        Move(frame, null);
        return true;
    }

    private static void Move(Frame frame, byte* target)
    {
        if (target == frame.Mapped)
        {
            return;
        }

        byte[] content = frame.Content.ToArray();
        if (frame.Mapped != null)
        {
            new Span<byte>(frame.Mapped, PageSize).Fill(0xFF); // A hole in memory.
        }

        frame.Mapped = target;
        content.CopyTo(frame.Content);
    }

    private void Grow(ulong index)
    {
        while ((ulong)_frames.Count <= index)
        {
            _frames.Add(new Frame());
            if (_frames.Count == 1)
            {
                Write(1, PermitAccess | Reading | Writing | ((ulong)0xFEFF9 << 32)); // xenstore's page, granted by the builder
            }
        }
    }

    internal long Call(ulong command, byte* argument, ulong count)
    {
        const ulong QuerySize = 6;
        const ulong SetVersion = 8;
        const ulong GetVersion = 10;
        if (count != 1)
        {
            return SimulatedXen.InvalidArgument;
        }

        switch (command)
        {
            case QuerySize when *(ushort*)argument == SimulatedXen.DomainSelf: // { u16 dom; u32 nr_frames, max_nr_frames; s16 status }
                *(uint*)(argument + 4) = (uint)_frames.Count;
                *(uint*)(argument + 8) = MaximumFrames;
                *(short*)(argument + 12) = 0;
                return 0;
            case SetVersion when HasVersions: // { u32 version }
                if (*(uint*)argument is not (1 or 2))
                {
                    return SimulatedXen.InvalidArgument;
                }

                if (*(uint*)argument != Version && Granted.Count != 0)
                {
                    return SimulatedXen.Busy;
                }

                Version = *(uint*)argument;
                return 0;
            case GetVersion when HasVersions && *(ushort*)argument == SimulatedXen.DomainSelf: // { u16 dom, pad; u32 version }
                *(uint*)(argument + 4) = Version;
                return 0;
            default:
                return SimulatedXen.NoSuchCall;
        }
    }

    private ref ulong Entry(uint reference)
    {
        Span<byte> frame = _frames[(int)(reference / EntriesOfFrame)].Content;
        return ref MemoryMarshal.Cast<byte, ulong>(frame)[(int)(reference % EntriesOfFrame)];
    }

    private ulong Read(uint reference) => Volatile.Read(ref Entry(reference));

    private void Write(uint reference, ulong value) => Volatile.Write(ref Entry(reference), value);
}
