using System;
using System.Buffers.Binary;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

/// <summary>A scripted guest's end of a channel: two rings, written and read by hand.</summary>
internal sealed class GuestChannel(ScriptedGuest guest, HostChannel channel, uint gpadl, int firstPage, int pages)
{
    private readonly int _size = pages * ScriptedGuest.Page;

    public HostChannel Host => channel;

    public uint Gpadl => gpadl;

    public Span<byte> OutgoingControl => guest.Bytes(firstPage);

    public Span<byte> IncomingControl => guest.Bytes(firstPage + 1 + pages);

    private Span<byte> Outgoing => guest.Bytes(firstPage + 1, pages);

    private Span<byte> Incoming => guest.Bytes(firstPage + 2 + pages, pages);

    private static int Word(ReadOnlySpan<byte> bytes, int at = 0) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    /// <summary>Writes a packet behind a descriptor's rest, and signals when the ring was empty and the host listens.</summary>
    public void Send(byte[] payload, ulong transaction = 1, bool wantsCompletion = true, ushort type = 6, byte[]? rest = null, bool signals = true)
    {
        int offset = 16 + (rest?.Length ?? 0);
        int length = (offset + payload.Length + 7) & ~7;
        byte[] packet = new byte[length + 8];
        int write = Word(OutgoingControl);
        BinaryPrimitives.WriteUInt16LittleEndian(packet, type);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(2), (ushort)(offset / 8));
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(4), (ushort)(length / 8));
        packet[6] = (byte)(wantsCompletion ? 1 : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(packet.AsSpan(8), transaction);
        rest?.CopyTo(packet, 16);
        payload.CopyTo(packet, offset);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(length + 4), write);
        for (int i = 0; i < packet.Length; i++)
        {
            Outgoing[(write + i) % _size] = packet[i];
        }

        bool wasEmpty = write == Word(OutgoingControl, 4);
        BinaryPrimitives.WriteInt32LittleEndian(OutgoingControl, (write + packet.Length) % _size);
        if (signals && wasEmpty && Word(OutgoingControl, 8) == 0)
        {
            guest.Signal(channel);
        }
    }

    /// <summary>The next packet, descriptor and all, without the trailer; null when the ring is empty.</summary>
    public byte[]? Receive()
    {
        int read = Word(IncomingControl, 4);
        int write = Word(IncomingControl);
        if (read == write)
        {
            return null;
        }

        byte[] descriptor = Copy(read, 16);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(descriptor.AsSpan(4)) * 8;
        byte[] packet = Copy(read, length + 8);
        Assert.Equal(0, Word(packet, length));
        Assert.Equal(read, Word(packet, length + 4));
        int next = (read + length + 8) % _size;
        BinaryPrimitives.WriteInt32LittleEndian(IncomingControl.Slice(4), next);
        int wanted = Word(IncomingControl, 12);
        int before = _size - ((write - read + _size) % _size) - 1;
        int after = _size - ((write - next + _size) % _size) - 1;
        if (wanted != 0 && before < wanted && after >= wanted)
        {
            guest.Signal(channel);
        }

        return packet[..length];
    }

    private byte[] Copy(int at, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = Incoming[(at + i) % _size];
        }

        return bytes;
    }

    /// <summary>The next packet's payload, of an expected type.</summary>
    public byte[] Expect(PacketType type, out ulong transaction)
    {
        byte[]? packet = Receive();
        Assert.NotNull(packet);
        Assert.Equal(type, (PacketType)BinaryPrimitives.ReadUInt16LittleEndian(packet));
        transaction = BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8));
        return packet[(BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(2)) * 8)..];
    }

    public void Close()
    {
        guest.Post(VmbusMessage.CloseChannel, channel.Id);
        guest.TearDown(channel, gpadl);
    }
}
