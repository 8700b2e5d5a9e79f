using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.App.Digests;

/// <summary>
/// A message digest over pieces of any length. Blocks are padded with a one bit, zeros, and the message's length in bits (RFC 1321, 3.1 and
/// 3.2; FIPS 180-4, 5.1).
/// </summary>
/// <param name="blockSize">Bytes in a block; the length at the end of the last takes an eighth of it.</param>
/// <param name="isBigEndian">How the length is written.</param>
public abstract class MessageDigest(int blockSize, bool isBigEndian)
{
    private readonly byte[] _block = new byte[blockSize];
    private ulong _length;

    /// <summary>Bytes of the result.</summary>
    public abstract int Size { get; }

    /// <summary>Takes the message's next piece.</summary>
    public void Update(ReadOnlySpan<byte> data)
    {
        int held = Held;
        _length += (ulong)data.Length;
        if (held > 0)
        {
            int count = Math.Min(data.Length, _block.Length - held);
            data.Slice(0, count).CopyTo(new Span<byte>(_block, held, count));
            data = data.Slice(count);
            if (held + count < _block.Length)
            {
                return;
            }

            Compress(_block);
        }

        while (data.Length >= _block.Length)
        {
            Compress(data.Slice(0, _block.Length));
            data = data.Slice(_block.Length);
        }

        data.CopyTo(_block);
    }

    /// <summary>Ends the message. The object is of no use afterwards.</summary>
    /// <param name="digest">Room for <see cref="Size"/> bytes.</param>
    public void Finish(Span<byte> digest)
    {
        int held = Held;
        _block[held++] = 0x80;
        if (held > _block.Length - _block.Length / 8)
        {
            Zero(held);
            Compress(_block);
            held = 0;
        }

        Zero(held);
        Span<byte> length = new(_block, _block.Length - sizeof(ulong), sizeof(ulong));
        if (isBigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(length, _length * 8);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(length, _length * 8);
        }

        Compress(_block);
        WriteState(digest);
    }

    /// <summary>Takes in one block.</summary>
    protected abstract void Compress(ReadOnlySpan<byte> block);

    /// <summary>Writes the chaining state, which is the digest after the last block.</summary>
    protected abstract void WriteState(Span<byte> digest);

    /// <summary>Bytes of an incomplete block.</summary>
    private int Held => (int)(_length % (uint)_block.Length);

    private void Zero(int from) => new Span<byte>(_block, from, _block.Length - from).Clear();
}
