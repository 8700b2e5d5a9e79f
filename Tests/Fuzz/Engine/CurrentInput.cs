using System;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace NetBoot.Tests.Fuzz.Engine;

/// <summary>
/// A file that has the input that runs, and how many ran before it, at any moment: whoever watches finds in it what ended the process, or does not
/// end. The number in 64 bits, the length in 32, the bytes.
/// </summary>
internal sealed unsafe class CurrentInput : IDisposable
{
    private const int HeaderSize = 12;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _memory;
    private readonly int _room;

    /// <param name="path">Made anew.</param>
    /// <param name="room">For the longest input, in bytes.</param>
    public CurrentInput(string path, int room)
    {
        _room = room;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, HeaderSize + room);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _memory);
    }

    public void Set(ReadOnlySpan<byte> input)
    {
        input = input[..Math.Min(input.Length, _room)];
        *(int*)(_memory + sizeof(long)) = input.Length;
        input.CopyTo(new Span<byte>(_memory + HeaderSize, _room));
        (*(long*)_memory)++;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
