using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.Packaging;

/// <summary>Bytes of an input with where they are in it: every read is checked, and what fails says its offset and field.</summary>
/// <param name="name">The file, as the user named it.</param>
/// <param name="bytes">The whole input.</param>
/// <param name="start">Where the view begins.</param>
/// <param name="length">Its bytes.</param>
public readonly struct InputView(string name, byte[] bytes, int start, int length)
{
    public InputView(string name, byte[] bytes)
        : this(name, bytes, 0, bytes.Length)
    {
    }

    public string Name => name;

    public int Length => length;

    /// <summary>Where the view begins, in bytes from the start of the input.</summary>
    public int Start => start;

    public ReadOnlySpan<byte> Span => bytes.AsSpan(start, length);

    /// <summary>A part.</summary>
    /// <param name="field">What says its length, for the error if it does not fit.</param>
    public InputView Slice(long at, long count, string field)
    {
        Require(at, count, field);
        return new InputView(name, bytes, start + (int)at, (int)count);
    }

    public byte U8(long at, string field) => Get(at, 1, field)[0];

    public ushort U16(long at, string field) => BinaryPrimitives.ReadUInt16LittleEndian(Get(at, 2, field));

    public int U24(long at, string field)
    {
        ReadOnlySpan<byte> three = Get(at, 3, field);
        return three[0] | (three[1] << 8) | (three[2] << 16);
    }

    public uint U32(long at, string field) => BinaryPrimitives.ReadUInt32LittleEndian(Get(at, 4, field));

    public ulong U64(long at, string field) => BinaryPrimitives.ReadUInt64LittleEndian(Get(at, 8, field));

    public Guid Guid(long at, string field) => new(Get(at, 16, field));

    /// <summary>The error of a field that makes no sense.</summary>
    public InputError Fail(long at, string field, string problem) => new(name, start + at, field, problem);

    private ReadOnlySpan<byte> Get(long at, int count, string field)
    {
        Require(at, count, field);
        return bytes.AsSpan(start + (int)at, count);
    }

    private void Require(long at, long count, string field)
    {
        if (at < 0 || count < 0 || at > length || count > length - at)
        {
            throw Fail(at, field, $"needs {count} bytes, and {Math.Max(0, length - Math.Max(0, at))} are left");
        }
    }
}
