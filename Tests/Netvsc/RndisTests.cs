using System;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers.Netvsc;
using Xunit;

namespace NetBoot.Tests.Netvsc;

/// <summary>NVSP and RNDIS in bytes, and as anything that a host may send.</summary>
public sealed class RndisTests
{
    private static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }

    [Fact]
    public void NvspMessages_AreWrittenWhole()
    {
        byte[] message = new byte[NvspMessage.Size];
        byte[] Expected(params uint[] words) => [.. Words(words), .. new byte[NvspMessage.Size - (words.Length * 4)]];

        NvspMessage.WriteRndisPacket(message, true);
        Assert.Equal(Expected(107, 1, 0xFFFF_FFFF), message);
        NvspMessage.WriteRndisPacket(message, false);
        Assert.Equal(Expected(107, 0, 0xFFFF_FFFF), message);
        NvspMessage.WriteInit(message, 0x50000);
        Assert.Equal(Expected(1, 0x50000, 0x50000), message);
        NvspMessage.WriteNdisConfig(message, 1514);
        Assert.Equal(Expected(125, 1514), message);
        NvspMessage.WriteNdisVersion(message, 6, 1);
        Assert.Equal(Expected(100, 6, 1), message);
        NvspMessage.WriteReceiveBuffer(message, 0xE1E10, 0xCAFE);
        Assert.Equal(Expected(101, 0xE1E10, 0xCAFE), message);
        byte[] complete = new byte[NvspMessage.RndisPacketCompleteSize];
        NvspMessage.WriteRndisPacketComplete(complete);
        Assert.Equal(Words(108, 1), complete);
    }

    [Fact]
    public void NvspAnswers_MayBePadded_AndAreRefusedWhenShort()
    {
        byte[] init = Words(2, 0x50000, 34, 1, 0, 0, 0);
        byte[] receive = Words(102, 1, 1, 0, 1806, 580, 0);
        Assert.True(NvspMessage.IsInitAccepted(init));
        Assert.True(NvspMessage.IsReceiveBufferAccepted([.. receive, .. new byte[28]], out uint sections));
        Assert.Equal(580u, sections);
        for (int length = 0; length < 8; length++)
        {
            Assert.False(NvspMessage.IsInitAccepted(init.AsSpan(0, length)));
            Assert.False(NvspMessage.IsReceiveBufferAccepted(receive.AsSpan(0, length), out _));
        }

        Assert.False(NvspMessage.IsInitAccepted(Words(2, 0, 0, 2)));
        Assert.False(NvspMessage.IsReceiveBufferAccepted(init, out _));
    }

    [Fact]
    public void Requests_AreAsTheSpecificationHasThem()
    {
        byte[] message = new byte[64];
        Assert.Equal(24, RndisRequest.WriteInitialize(message, 5, 2048));
        Assert.Equal(Words(2, 24, 5, 1, 0, 2048), message[..24]);
        Assert.Equal(28, RndisRequest.WriteQuery(message, 6, RndisOid.CurrentAddress));
        Assert.Equal(Words(4, 28, 6, 0x0101_0102, 0, 20, 0), message[..28]);
        Assert.Equal(32, RndisRequest.WriteSet(message, 7, RndisOid.CurrentPacketFilter, [1, 2, 3, 4]));
        Assert.Equal([.. Words(5, 32, 7, 0x0001_010E, 4, 20, 0), 1, 2, 3, 4], message[..32]);
        Assert.Equal(16, RndisRequest.WriteKeepAliveComplete(message, 9));
        Assert.Equal(Words(0x8000_0008, 16, 9, 0), message[..16]);
    }

    [Fact]
    public void Packet_Written_IsReadBack()
    {
        for (int length = 14; length <= 1518; length += 47)
        {
            byte[] message = new byte[RndisPacket.HeaderSize + length + 9];
            RndisPacket.WriteHeader(message, length);
            Assert.Equal((uint)(44 + length), BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(4)));
            Assert.True(RndisPacket.TryParse(message, out RndisPacket packet));
            Assert.Equal((44, length, 0), (packet.Offset, packet.Length, packet.Tag));
            Assert.False(RndisPacket.TryParse(message.AsSpan(0, 44 + length - 1), out _));
        }
    }

    [Fact]
    public void Tag_IsFoundAmongOtherInformation_AndAnEndlessElementEndsTheSearch()
    {
        byte[] Packet(params uint[] elements) =>
            [.. Words(1, 0, 36 + ((uint)elements.Length * 4), 20, 0, 0, 0, 36, (uint)elements.Length * 4, 0, 0), .. Words(elements), .. new byte[20]];

        Assert.True(RndisPacket.TryParse(Packet(16, 0, 12, 0, 16, 6, 12, (5 << 4) | 8 | 3), out RndisPacket packet));
        Assert.Equal((3 << 13) | (1 << 12) | 5, packet.Tag);
        foreach (uint[] elements in new uint[][] { [0, 6, 12, 0x50], [16, 6, 13, 0x50], [16, 6, 0xFFFF_FFFF, 0x50], [17, 6, 12, 0x50], [8, 6, 0, 0] })
        {
            Assert.True(RndisPacket.TryParse(Packet(elements), out packet));
            Assert.Equal(0, packet.Tag);
        }
    }

    [Fact]
    public void Anything_IsParsedWithoutLeavingItsRange()
    {
        Prop.ForAll<byte[], int>((bytes, seed) =>
        {
            // Mostly zeros and small numbers, which come further than noise.
            Random random = new(seed);
            byte[] range = new byte[random.Next(0, 200)];
            bytes.AsSpan(0, Math.Min(bytes.Length, range.Length)).CopyTo(range);
            for (int i = 0; i + 4 <= range.Length && i < 44; i += 4)
            {
                uint word = random.Next(4) switch { 0 => 0, 1 => (uint)random.Next(0, 220), 2 => (uint)random.NextInt64(), _ => uint.MaxValue - (uint)random.Next(50) };
                BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(i), word);
            }

            if (RndisMessage.TryParse(range, out RndisMessage message))
            {
                _ = message.RequestId + message.Status + message.Indication;
                ReadOnlySpan<byte> information = message.Information;
                Assert.True(information.IsEmpty || range.AsSpan(8).Overlaps(information));
            }

            if (RndisPacket.TryParse(range, out RndisPacket packet))
            {
                Assert.True(packet.Offset >= RndisPacket.HeaderSize && packet.Length >= 0 && packet.Offset + packet.Length <= range.Length);
            }

            NvspMessage.IsInitAccepted(range);
            NvspMessage.IsReceiveBufferAccepted(range, out _);
        }).QuickCheckThrowOnFailure();
    }
}
