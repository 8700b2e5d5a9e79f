using System;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace Tests.HyperV;

/// <summary>
/// The memory of a QEMU guest (<c>memory-backend-file,share=on</c>), mapped. On q35 what does not fit below the PCI hole begins at
/// 4 GiB (QEMU, hw/i386/pc_q35.c): all fits up to 2.75 GiB, of more 2 GiB are below.
/// </summary>
public sealed unsafe class FileMemory : GuestMemory, IDisposable
{
    private const ulong LargestWithoutHole = 0xB000_0000;
    private const ulong LowWithHole = 0x8000_0000;
    private const ulong High = 0x1_0000_0000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    public FileMemory(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite), null, 0, MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        Size = (ulong)new FileInfo(path).Length;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>In bytes.</summary>
    public ulong Size { get; }

    private ulong Low => Size < LargestWithoutHole ? Size : LowWithHole;

    /// <summary>The guest physical address of a byte of the file.</summary>
    public ulong AddressOf(ulong offset) => offset < Low ? offset : High + (offset - Low);

    /// <summary>A part of the file as it lies there.</summary>
    public ReadOnlySpan<byte> Part(ulong offset, int length) => new(_start + offset, length);

    protected override byte* Translate(ulong address, ulong length)
    {
        if (address < Low)
        {
            return length <= Low - address ? _start + address : null;
        }
        ulong above = address - High;
        return address >= High && above < Size - Low && length <= Size - Low - above ? _start + Low + above : null;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
