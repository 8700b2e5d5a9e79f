using System;
using System.Buffers.Binary;

namespace NetBoot.Tests.Fuzz;

/// <summary>Takes an input apart from its front; behind its end everything is zero. Several may take from it in turn.</summary>
internal sealed class FuzzReader(ReadOnlySpan<byte> input)
{
    private readonly byte[] _input = input.ToArray();
    private int _at;

    public bool IsEmpty => _at == _input.Length;

    /// <summary>What nobody has taken.</summary>
    public ReadOnlySpan<byte> Rest => Take(_input.Length);

    public byte Byte() => (byte)Number(1);

    public ushort Word() => (ushort)Number(2);

    public uint Long() => Number(4);

    /// <summary>At most so many bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _input.AsSpan(_at, Math.Min(count, _input.Length - _at));
        _at += taken.Length;
        return taken;
    }

    private uint Number(int size)
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        Take(size).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
