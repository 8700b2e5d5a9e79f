using System;
using System.Buffers.Binary;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>The control messages that a guest sends. [MS-RNDIS], 2.2.2, 2.2.6, 2.2.8 to 2.2.11. Each answers its length.</summary>
public static class RndisRequest
{
    /// <summary>The longest one, but for what is set.</summary>
    public const int HeaderSize = 28;

    // Offsets count from the request's number, which is behind type and length.
    private const uint DataOffset = 20;

    /// <param name="message">Room for it.</param>
    /// <param name="id">The request's number, which the answer repeats.</param>
    /// <param name="maximumTransferSize">Bytes of the largest message that the host may send.</param>
    public static int WriteInitialize(Span<byte> message, uint id, uint maximumTransferSize)
    {
        const int Size = 24;
        Begin(message, RndisMessageType.Initialize, Size, id);
        Word(message, 12, 1); // Version 1.0
        Word(message, 16, 0);
        Word(message, 20, maximumTransferSize);
        return Size;
    }

    public static int WriteQuery(Span<byte> message, uint id, RndisOid oid)
    {
        Begin(message, RndisMessageType.Query, HeaderSize, id);
        WriteInformation(message, oid, 0);
        return HeaderSize;
    }

    public static int WriteSet(Span<byte> message, uint id, RndisOid oid, ReadOnlySpan<byte> value)
    {
        int size = HeaderSize + value.Length;
        Begin(message, RndisMessageType.Set, size, id);
        WriteInformation(message, oid, value.Length);
        value.CopyTo(message.Slice(HeaderSize));
        return size;
    }

    public static int WriteKeepAliveComplete(Span<byte> message, uint id)
    {
        const int Size = 16;
        Begin(message, RndisMessageType.KeepAliveComplete, Size, id);
        Word(message, 12, 0); // RNDIS_STATUS_SUCCESS
        return Size;
    }

    private static void WriteInformation(Span<byte> message, RndisOid oid, int length)
    {
        Word(message, 12, (uint)oid);
        Word(message, 16, (uint)length);
        Word(message, 20, DataOffset);
        Word(message, 24, 0);
    }

    private static void Begin(Span<byte> message, RndisMessageType type, int size, uint id)
    {
        Word(message, 0, (uint)type);
        Word(message, 4, (uint)size);
        Word(message, 8, id);
    }

    private static void Word(Span<byte> message, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(at), value);
}
