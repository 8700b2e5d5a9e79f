using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.BusDrivers.Vmbus.Rings;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

/// <summary>The rings alone, in memory between guards, against whatever may be written to the shared part.</summary>
public sealed unsafe class RingTests
{
    private const int Page = 4096;
    private const byte Guard = 0xA5;

    /// <summary>Memory of rings, with a guarded page before and behind it.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly byte* _all;
        private readonly int _pages;

        public Memory(int pages)
        {
            _pages = pages;
            _all = (byte*)NativeMemory.AlignedAlloc((nuint)((pages + 2) * Page), Page);
            new Span<byte>(_all, (pages + 2) * Page).Fill(Guard);
        }

        public byte* Address => _all + Page;

        public Span<byte> Bytes => new(Address, _pages * Page);

        public bool IsIntact =>
            new ReadOnlySpan<byte>(_all, Page).IndexOfAnyExcept(Guard) < 0 &&
            new ReadOnlySpan<byte>(_all + (_pages + 1) * Page, Page).IndexOfAnyExcept(Guard) < 0;

        public void Dispose() => NativeMemory.AlignedFree(_all);
    }

    /// <summary>An outgoing and an incoming ring over the same shared pages: what one writes, the other reads.</summary>
    private sealed class Loop : IDisposable
    {
        private readonly Memory _copy = new(1);

        public Loop()
        {
            Incoming.Reset(Shared.Address, Page, _copy.Address);
            Outgoing.Reset(Shared.Address, Page);
        }

        public Memory Shared { get; } = new(2);
        public OutgoingRing Outgoing { get; } = new();
        public IncomingRing Incoming { get; } = new();

        /// <summary>In, Out, mask, pending send size.</summary>
        public Span<uint> Control => MemoryMarshal.Cast<byte, uint>(Shared.Bytes)[..4];

        public bool IsIntact => Shared.IsIntact && _copy.IsIntact;

        public void Dispose()
        {
            Shared.Dispose();
            _copy.Dispose();
        }
    }

    [Fact]
    public void Packets_OfAllSizes_ComeOutAsTheyWentIn_AroundTheEnd()
    {
        using Loop loop = new();
        Random random = new(1);
        Queue<byte[]> expected = [];
        ulong sent = 0;
        ulong received = 0;
        for (int i = 0; i < 20000; i++)
        {
            byte[] payload = new byte[random.Next(0, 4096 - 16 - 16)];
            random.NextBytes(payload);
            EFI_STATUS status = loop.Outgoing.Send(VmbusPacketType.InBand, payload, sent, i % 2 == 0, out _);
            if (status.IsSuccess)
            {
                expected.Enqueue(payload);
                sent++;
            }
            else
            {
                Assert.Equal(EFI_STATUS.EFI_NOT_READY, status);
            }

            while ((status.IsError || random.Next(3) == 0) && expected.TryDequeue(out byte[]? first))
            {
                Assert.True(loop.Incoming.TryReceive(out VmbusPacket packet, out _));
                Assert.Equal(received++, packet.Transaction);
                Assert.Equal((first.Length + 7) / 8 * 8, packet.Payload.Length);
                Assert.True(packet.Payload[..first.Length].SequenceEqual(first));
            }
        }

        Assert.Equal(0u, loop.Incoming.Malformed);
        Assert.True(received > 1000 && loop.IsIntact);
    }

    [Fact]
    public void Ring_IsNeverFilledToTheLastByte()
    {
        using Loop loop = new();
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, loop.Outgoing.Send(VmbusPacketType.InBand, new byte[4096 - 16 - 8], 1, false, out _));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, loop.Outgoing.Send(VmbusPacketType.InBand, new byte[4096 - 16 - 8 - 8], 1, false, out _));
        Assert.Equal(4096u - 8, loop.Control[0]);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, loop.Outgoing.Send(VmbusPacketType.InBand, [], 1, false, out _));
    }

    [Fact]
    public void Packet_HasDescriptorPaddingAndTrailer()
    {
        using Loop loop = new();
        loop.Outgoing.Send(VmbusPacketType.InBand, [1, 2, 3], 0x1122334455667788, true, out _);
        loop.Outgoing.Send(VmbusPacketType.Completion, [9], 2, false, out _);
        byte[] expected =
        [
            6, 0, 2, 0, 3, 0, 1, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            11, 0, 2, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0,
        ];
        Assert.Equal(expected, loop.Shared.Bytes.Slice(Page, expected.Length).ToArray());
        Assert.Equal((uint)expected.Length, loop.Control[0]);
    }

    // Signals

    [Fact]
    public void Writer_SignalsOnlyAReaderThatHadReadAll_AndDoesNotMind()
    {
        using Loop loop = new();
        loop.Control[2] = 0;
        Assert.True(Send(loop));
        Assert.False(Send(loop)); // It has not read the first.
        Assert.True(loop.Incoming.TryReceive(out _, out _));
        Assert.False(Send(loop));
        while (loop.Incoming.TryReceive(out _, out _))
        {
        }

        Assert.True(Send(loop));
        while (loop.Incoming.TryReceive(out _, out _))
        {
        }

        loop.Control[2] = 1;
        Assert.False(Send(loop));
    }

    private static bool Send(Loop loop)
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, loop.Outgoing.Send(VmbusPacketType.InBand, new byte[40], 1, false, out bool signal));
        return signal;
    }

    [Theory]
    [InlineData(0u, new bool[] { false, false, false, false })]    // Nobody waits.
    [InlineData(100u, new bool[] { false, false, false, false })]  // There was room all the time.
    [InlineData(3840u, new bool[] { true, false, false, false })]  // 4096 - 4 x 64 bytes are free before, 64 more after each packet.
    [InlineData(3900u, new bool[] { true, false, false, false })]
    [InlineData(3904u, new bool[] { false, true, false, false })]
    [InlineData(4095u, new bool[] { false, false, false, true })]
    public void Reader_SignalsAWriterThatWaits_OnceThereIsEnoughRoom(uint pending, bool[] expected)
    {
        using Loop loop = new();
        for (int i = 0; i < 4; i++)
        {
            Send(loop);
        }

        loop.Control[3] = pending;
        bool[] signals = new bool[4];
        for (int i = 0; i < 4; i++)
        {
            Assert.True(loop.Incoming.TryReceive(out _, out signals[i]));
        }

        Assert.Equal(expected, signals);
    }

    [Fact]
    public void Reader_WantsNoSignals_AndSaysThatItLooksAtWhatAWriterWaitsFor()
    {
        using Loop loop = new();
        using Memory copy = new(1);
        new IncomingRing().Reset(loop.Shared.Address, Page, copy.Address);
        Assert.Equal(1u, loop.Control[2]);
        Assert.Equal(1u, *(uint*)(loop.Shared.Address + 64));
    }

    // Lies

    [Fact]
    public void Reader_OfAnything_StaysInsideItsMemory_AndNeverFaults()
    {
        Prop.ForAll<int>(seed =>
        {
            using Loop loop = new();
            Random random = new(seed);
            random.NextBytes(loop.Shared.Bytes[Page..]);
            for (int i = 0; i < 200; i++)
            {
                Span<uint> control = loop.Control;
                control[0] = random.Next(4) switch
                {
                    0 => (uint)random.Next(),
                    1 => uint.MaxValue - (uint)random.Next(16),
                    _ => (uint)random.Next(512) * 8,
                };
                control[1] = (uint)random.Next();
                control[3] = random.Next(2) == 0 ? 0 : (uint)random.Next(8192);
                // Now and then a packet that could be one.
                int at = Page + random.Next(512) * 8;
                MemoryMarshal.Write(loop.Shared.Bytes[at..], (ushort)(random.Next(2) == 0 ? 7 : 6));
                MemoryMarshal.Write(loop.Shared.Bytes[(at + 2)..], (ushort)random.Next(8));
                MemoryMarshal.Write(loop.Shared.Bytes[(at + 4)..], (ushort)random.Next(64));
                while (loop.Incoming.TryReceive(out VmbusPacket packet, out _))
                {
                    if (packet.Payload.Length > Page - 24 || packet.Ranges.Length > (Page - 24) / 8)
                    {
                        return false;
                    }
                }
            }

            return loop.IsIntact;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Writer_WithAnyReadIndex_StaysInsideItsMemory_AndNeverFaults()
    {
        Prop.ForAll<int>(seed =>
        {
            using Loop loop = new();
            Random random = new(seed);
            for (int i = 0; i < 300; i++)
            {
                Span<uint> control = loop.Control;
                control[0] = (uint)random.Next(); // Ours: what is written there is not believed.
                control[1] = random.Next(3) == 0 ? (uint)random.Next() : (uint)random.Next(512) * 8;
                control[2] = (uint)random.Next(2);
                NETBOOT_VMBUS_GPA_RANGE[] ranges = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new NETBOOT_VMBUS_GPA_RANGE
                {
                    Address = random.Next(2) == 0 ? (ulong)random.NextInt64() : ulong.MaxValue - (ulong)random.Next(8192),
                    Size = random.Next(3) == 0 ? (uint)random.Next() : (uint)random.Next(20000),
                })];
                EFI_STATUS status = random.Next(2) == 0
                    ? loop.Outgoing.Send(VmbusPacketType.InBand, new byte[random.Next(5000)], 1, true, out _)
                    : loop.Outgoing.SendGpaDirect(new byte[random.Next(200)], ranges, 1, true, out _);
                if (status.IsSuccess && control[0] % 8 != 0)
                {
                    return false;
                }
            }

            return loop.IsIntact;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0u, 0, 0u)]
    [InlineData(2u, 2, 0u)]
    [InlineData(3u, 0, 1u)]
    [InlineData(uint.MaxValue, 0, 1u)]
    [InlineData(0x2000_0000u, 0, 1u)]
    public void TransferPages_WithMoreRangesThanTheHeaderHasRoomFor_HaveNone(uint count, int expected, ulong malformed)
    {
        using Loop loop = new();
        Span<byte> packet = loop.Shared.Bytes[Page..];
        packet.Clear();
        ushort[] descriptor = [7, 5, 6, 1]; // Type, data at 40, 48 bytes, completion requested.
        MemoryMarshal.AsBytes(descriptor.AsSpan()).CopyTo(packet);
        packet[8] = 99;
        packet[16] = 0xAD;
        packet[17] = 0xDE;
        MemoryMarshal.Write(packet[20..], count);
        loop.Control[0] = 56;
        Assert.True(loop.Incoming.TryReceive(out VmbusPacket received, out _));
        Assert.Equal((99ul, true, 0xDEAD), (received.Transaction, received.CompletionRequested, received.TransferPageSet));
        Assert.Equal(expected, received.Ranges.Length);
        Assert.Equal(8, received.Payload.Length);
        Assert.Equal(malformed, loop.Incoming.Malformed);
    }

    [Fact]
    public void PacketWithoutAnEnd_TakesWhatIsInTheRing_AndTheNextIsReceived()
    {
        using Loop loop = new();
        Send(loop);
        MemoryMarshal.Write(loop.Shared.Bytes[(Page + 4)..], (ushort)500);
        Assert.False(loop.Incoming.TryReceive(out _, out _));
        Assert.Equal(1u, loop.Incoming.Malformed);
        Send(loop);
        Assert.True(loop.Incoming.TryReceive(out _, out _));
    }

    [Fact]
    public void Descriptor_ThatChangesWhileItIsRead_IsBelievedOnce()
    {
        using Loop loop = new();
        using Memory copy = new(1);
        bool isOver = false;
        ushort* length = (ushort*)(loop.Shared.Address + Page + 4);
        uint* count = (uint*)(loop.Shared.Address + Page + 20);
        Thread liar = new(() =>
        {
            for (uint i = 0; !Volatile.Read(ref isOver); i++)
            {
                Volatile.Write(ref *length, (ushort)(i % 3 == 0 ? 6 : i));
                Volatile.Write(ref *count, i % 3 == 1 ? 2 : i * 0x1000);
            }
        });
        liar.Start();
        ushort[] descriptor = [7, 5, 6, 1];
        for (int i = 0; i < 20000; i++)
        {
            loop.Incoming.Reset(loop.Shared.Address, Page, copy.Address);
            MemoryMarshal.AsBytes(descriptor.AsSpan()).CopyTo(loop.Shared.Bytes[Page..]);
            loop.Control[0] = 56;
            if (loop.Incoming.TryReceive(out VmbusPacket packet, out _))
            {
                Assert.InRange(packet.Payload.Length, 0, 8);
                Assert.InRange(packet.Ranges.Length, 0, 2);
            }
        }

        Volatile.Write(ref isOver, true);
        liar.Join();
        Assert.True(loop.IsIntact && copy.IsIntact);
    }
}
