using System;
using System.Buffers.Binary;

namespace Boot.Packaging;

/// <summary>A file that is taken apart strictly: what is not there, or not as it must be, is an <see cref="InputError"/> with its place.</summary>
/// <param name="name">The file, as the user named it.</param>
/// <param name="content">All of it.</param>
public sealed class Input(string name, byte[] content)
{
    public string Name { get; } = name;

    public byte[] Content { get; } = content;

    public int Length => Content.Length;

    public byte Byte(int offset, string field) => Bytes(offset, 1, field)[0];

    /// <summary>Little-endian, as all that follow.</summary>
    public ushort UInt16(int offset, string field) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, 2, field));

    public uint UInt32(int offset, string field) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, 4, field));

    public ReadOnlySpan<byte> Bytes(int offset, int length, string field) =>
        offset < 0 || length < 0 || offset > Length - length
            ? throw new InputError(Name, offset, field, $"is beyond the end of the file: it needs {length} bytes, the file ends at 0x{Length:x}")
            : Content.AsSpan(offset, length);

    /// <summary>Throws the error unless a condition on a field holds.</summary>
    public void Require(bool holds, int offset, string field, string otherwise)
    {
        if (!holds)
        {
            throw new InputError(Name, offset, field, otherwise);
        }
    }
}
