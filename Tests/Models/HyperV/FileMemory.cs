using System;
using System.Collections.Generic;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// The memory of a QEMU guest (<c>memory-backend-memfd,share=on</c>), mapped. On q35 what does not fit below the PCI hole begins at
/// 4 GiB (QEMU, hw/i386/pc_q35.c): all fits up to 2.75 GiB, of more 2 GiB are below. A board whose memory begins elsewhere has no hole in it.
/// </summary>
public sealed unsafe partial class FileMemory : GuestMemory, IDisposable
{
    private const ulong LargestWithoutHole = 0xB000_0000;
    private const ulong LowWithHole = 0x8000_0000;
    private const ulong High = 0x1_0000_0000;

    private readonly FileStream _stream;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    /// <param name="path">The file.</param>
    /// <param name="start">The guest physical address at which memory begins.</param>
    public FileMemory(string path, ulong start = 0)
    {
        Start = start;
        _stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _file = MemoryMappedFile.CreateFromFile(
            _stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor();
        Size = (ulong)_stream.Length;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The guest physical address at which it begins.</summary>
    public ulong Start { get; }

    /// <summary>In bytes.</summary>
    public ulong Size { get; }

    private ulong Low => Start != 0 || Size < LargestWithoutHole ? Size : LowWithHole;

    /// <summary>The guest physical address of a byte of the file.</summary>
    public ulong AddressOf(ulong offset) => offset < Low ? Start + offset : High + (offset - Low);

    /// <summary>Whether the page below the hole at an address has ever been written to; looking at others would make them.</summary>
    public bool IsPresent(ulong address) =>
        address - Start < Low && Seek(_stream.SafeFileHandle, (long)(address - Start), SeekData) == (long)(address - Start);

    /// <summary>The guest physical addresses at which bytes stand; what the guest has never written to is not looked at.</summary>
    public IReadOnlyList<ulong> Find(ReadOnlySpan<byte> bytes)
    {
        const int part = 1 << 26;
        List<ulong> found = [];
        for (long at = Seek(_stream.SafeFileHandle, 0, SeekData); at >= 0; at = Seek(_stream.SafeFileHandle, at, SeekData))
        {
            long end = Seek(_stream.SafeFileHandle, at, SeekHole);
            for (; at < end; at += part)
            {
                int length = (int)Math.Min(end - at, part + bytes.Length - 1);
                ReadOnlySpan<byte> rest = new(_start + at, length);
                for (int next; (next = rest.IndexOf(bytes)) >= 0; rest = rest[(next + 1)..])
                {
                    found.Add(AddressOf((ulong)(at + length - rest.Length + next)));
                }
            }

            at = end;
        }

        return found;
    }

    private const int SeekData = 3;
    private const int SeekHole = 4;

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    protected override byte* Translate(ulong address, ulong length)
    {
        ulong offset = address - Start;
        if (offset < Low)
        {
            return length <= Low - offset ? _start + offset : null;
        }

        ulong above = address - High;
        return address >= High && above < Size - Low && length <= Size - Low - above ? _start + Low + above : null;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        _stream.Dispose();
    }
}
