using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.Rtl8139;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class Rtl8139NicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;
    private const uint Rcr = 0x44;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private SimulatedRtl8139 _card = new();
    private Nic? _nic;

    public Rtl8139NicTests() => DeviceFirmware.Start();

    public void Dispose()
    {
        _nic?.Dispose();
        Assert.Empty(_card.Faults);
        Assert.Equal(0, _card.AllocationCount);
        Assert.Equal(0, _card.MappingCount);
        Assert.Equal(0UL, _card.Attributes);
        _card.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nic_SendsAndReceives(bool isQemu)
    {
        Nic nic = Start(new SimulatedRtl8139 { IsQemu = isQemu });
        Assert.Equal("Realtek RTL8139 Fast Ethernet", nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.True(nic.TryTransmit(Frame(100, 1)));
        Assert.Equal(Frame(100, 1), Assert.Single(_card.Sent));
        Assert.True(_card.Receive(Frame(200, 2)));
        Assert.Equal(Frame(200, 2), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void Create_AsksForMemoryThatTheCardReaches()
    {
        Start();
        Assert.Equal(0UL, _card.Attributes & EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
    }

    [Fact]
    public void Create_WithMemoryThatTheCardDoesNotReach_Fails()
    {
        _card.MapsHigh = true;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("015400123456")]
    public void Create_WithoutAnAddress_Fails(string address)
    {
        Use(new SimulatedRtl8139(address));
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Create_WhenTheResetOrTheEepromNeverEnds_FailsInTime(bool isReset)
    {
        Use(new SimulatedRtl8139 { NeverResets = isReset, NeverLoads = !isReset });
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 500_000UL);
    }

    [Fact]
    public void Create_OfARemovedCard_FailsAtOnce()
    {
        _card.IsRemoved = true;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 10_000UL);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_Fails()
    {
        _card.AllocationsLeft = 0;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
    }

    [Fact]
    public void Transmit_CostsARegisterWriteAndAQuarterOfARead()
    {
        Nic nic = Start();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60 + i, i)));
        }
        Assert.InRange(_card.RegisterReads, 0, 250);
        Assert.Equal(1000, _card.RegisterWrites);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => Frame(60 + i, i)), _card.Sent);
    }

    [Fact]
    public void Transmit_OfAShortFrame_PadsWithZeros()
    {
        Nic nic = Start();
        for (int i = 0; i < 4; i++)
        {
            Assert.True(nic.TryTransmit(Frame(1000, i)));
        }
        _card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(42, 1)));
        Assert.Equal(Frame(42, 1).Concat(new byte[18]), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Transmit_WhenTheBuffersAreOut_SaysSoAndDoesNotOverwrite()
    {
        Nic nic = Start();
        _card.TransmitterHangs = true;
        for (int i = 0; i < 4; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.False(nic.TryTransmit(Frame(60, 9)));
        Assert.False(nic.TryTransmit(Frame(60, 9)));
        Assert.True(nic.Open(Own).IsSuccess);
        _card.TransmitterHangs = false;
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Transmit_AfterTooManyCollisions_GoesOn()
    {
        Nic nic = Start();
        _card.AbortsNext = true;
        for (int i = 0; i < 4; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        _card.TransmitterHangs = false;
        nic.TryTransmit(Frame(60, 4));
        Assert.Equal(Enumerable.Range(0, 4).Select(i => Frame(60, i)), _card.Sent.Take(4));
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), _card.Sent[^1]);
    }

    [Fact]
    public void Transmit_TakesTheLargestFrame()
    {
        Nic nic = Start();
        Assert.True(nic.TryTransmit(Frame(Nic.MaximumFrameSize, 1)));
        Assert.Equal(Nic.MaximumFrameSize, Assert.Single(_card.Sent).Length);
    }

    [Fact]
    public void Receive_ThroughManyRings_KeepsEveryFrameInOnePiece()
    {
        Nic nic = Start();
        for (int i = 0; i < 3200; i++)
        {
            byte[] frame = Frame(60 + (i % 1459), i);
            Assert.True(_card.Receive(frame));
            Assert.Equal(frame, nic.Peek().ToArray());
            Assert.Equal(frame, nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfManyFrames_CostsAReadForAllAndAWriteForEach8KiB()
    {
        Nic nic = Start();
        for (int i = 0; i < 40; i++)
        {
            Assert.True(_card.Receive(Frame(1514, i)));
        }
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(Frame(1514, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.Equal(1, _card.RegisterReads);
        Assert.Equal(6, _card.RegisterWrites);
    }

    [Fact]
    public void Receive_OfNothing_CostsARead()
    {
        Nic nic = Start();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 160; i++)
        {
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(170, _card.RegisterReads);
        Assert.Equal(0, _card.RegisterWrites);
    }

    [Fact]
    public void Receive_HoldsAsManyFramesAsTheRing()
    {
        Nic nic = Start();
        int held = 0;
        while (held < 1000 && _card.Receive(Frame(Nic.MaximumFrameSize, held)))
        {
            held++;
        }
        Assert.InRange(held, nic.ReceiveRingSize, 1000);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(Nic.MaximumFrameSize, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(0x10)] // the ring
    [InlineData(0x40)] // the FIFO
    public void Receive_AfterAnOverflow_StartsAnew(int cause)
    {
        Nic nic = Start();
        Assert.True(_card.Receive(Frame(100, 1)));
        _card.Overflow((ushort)cause);
        Assert.False(_card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(2UL, nic.ReceiveErrors);
        Assert.True(_card.Receive(Frame(100, 3)));
        Assert.Equal(Frame(100, 3), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(2UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(0x0001, 17)]
    [InlineData(0x0001, 4)]
    [InlineData(0x0001, 1523)]
    [InlineData(0x0001, 9000)]
    public void Receive_OfAFrameThatIsNoneByItsLength_SkipsIt(int status, int length)
    {
        Nic nic = Start();
        _card.Receive(Frame(length - 4 < 14 ? 14 : length - 4, 1), (ushort)status, length);
        if (length < 18)
        {
            _card.WriteOffset = (ushort)((4 + length + 3) & ~3);
        }
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(0x0000, 104)] // not OK
    [InlineData(0x0003, 104)] // alignment
    [InlineData(0x0005, 104)] // CRC
    [InlineData(0x0101, 104)] // reserved
    [InlineData(0x0001, 1000)] // beyond what was written
    [InlineData(0x0001, 0xFFF0)]
    [InlineData(0x0001, 0xFFFF)]
    public void Receive_OfAHeaderThatLies_RestartsTheReceiver(int status, int length)
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1), (ushort)status, length);
        _card.Receive(Frame(100, 2));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.Equal(0, _card.WriteOffset);
        _card.Receive(Frame(100, 3));
        Assert.Equal(Frame(100, 3), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfAFrameThatIsStillComingIn_Waits()
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1));
        _card.Incoming = 40;
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(nic.Peek().IsEmpty);
        _card.Incoming = 0;
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Filter_LetsThroughWhatItIsSetTo()
    {
        Nic nic = Start();
        MacAddress[] group = [new(Convert.FromHexString("01005E7FFFFA")), new(Convert.FromHexString("333300000001"))];
        nic.SetFilter(Unicast | Multicast, group);
        Assert.True(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
        Assert.True(_card.Receive(Frame(100, 1, "333300000001")));
        Assert.True(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
        Assert.False(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));

        nic.SetFilter(PromiscuousMulticast, group);
        Assert.True(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));

        nic.SetFilter(Promiscuous, default);
        Assert.True(_card.Receive(Frame(100, 1, "525400000000")));
        Assert.True(_card.Receive(Frame(100, 1, "01005E000011")));

        nic.SetFilter(0, default);
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));
        Assert.False(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_OtherThanPromiscuous_KeepsTheRing(bool isQemu)
    {
        Nic nic = Start(new SimulatedRtl8139 { IsQemu = isQemu });
        Assert.True(_card.Receive(Frame(100, 1)));
        _card.Writes.Clear();
        nic.SetFilter(Unicast | Broadcast | PromiscuousMulticast, default);
        nic.SetFilter(Unicast | Broadcast | Multicast, [Own]);
        Assert.DoesNotContain(_card.Writes, write => write.Offset == Rcr);
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();

        nic.SetFilter(Promiscuous, default);
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(_card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
    }

    [Fact]
    public void Station_CanChangeWhileOpen()
    {
        Nic nic = Start();
        Assert.True(_card.Receive(Frame(100, 1)));
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "020000000001")));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
    }

    [Fact]
    public void Link_IsTheMediaStatusInverted()
    {
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        _card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        _card.IsRemoved = true;
        Assert.False(nic.IsLinkUp());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_LeavesTheCardQuietAndAsItWas(bool neverResets)
    {
        Nic nic = Start();
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        _card.Receive(Frame(100, 1, "020000000001"));
        _card.NeverResets = neverResets;
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 500_000UL);
        Assert.False(_card.IsReceiving);
        Assert.False(_card.IsTransmitting);
        Assert.Equal(0u, _card[0x3C] & 0xFFFF);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal((uint)Own.Value, _card[0]);
        Assert.Equal((uint)(Own.Value >> 32), _card[4] & 0xFFFF);
        Assert.Equal(1, _card.MappingCount);
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Start();
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.True(nic.Open(Own).IsSuccess);
            nic.SetFilter(i % 2 == 0 ? Unicast : Promiscuous, default);
            Assert.True(_card.Receive(Frame(100, i)));
            Assert.Equal(Frame(100, i), nic.Peek().ToArray());
            Assert.True(nic.TryTransmit(Frame(100, i)));
        }
        Assert.Equal(1, _card.AllocationCount);
    }

    [Fact]
    public void RemovedCard_IsHarmless()
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1));
        _card.IsRemoved = true;
        for (int i = 0; i < 100; i++)
        {
            nic.TryTransmit(Frame(60, i));
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.Equal(0UL, nic.ReceiveErrors);
        nic.SetFilter(Promiscuous, default);
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 100_000UL);
    }

    [Fact]
    public void RandomRings_NeverFault()
    {
        Nic nic = Start();
        Prop.ForAll<byte[], ushort>((bytes, end) =>
        {
            Random random = new((bytes.Length * 31) + end);
            Span<byte> ring = _card.Ring;
            random.NextBytes(ring);
            for (int offset = 0; offset < ring.Length && random.Next(100) != 0;)
            {
                // Mostly headers that hold, so that what comes behind them is read too; at the end of the ring they wrap.
                int length = random.Next(8) == 0 ? random.Next(0x1_0000) : random.Next(1600);
                BinaryPrimitives.WriteUInt16LittleEndian(ring[offset..], 1);
                BinaryPrimitives.WriteUInt16LittleEndian(ring[(offset + 2)..], (ushort)length);
                offset += (4 + length + 3) & ~3;
            }
            bytes.AsSpan(0, Math.Min(bytes.Length, 64)).CopyTo(ring[(random.Next(0x1000) * 4)..]);
            for (int turn = 0; turn < 3; turn++)
            {
                _card.WriteOffset = turn == 0 ? end : (ushort)random.Next(0x1_0000);
                for (int i = 0; i < 0x5000; i++)
                {
                    ReadOnlySpan<byte> frame = nic.Peek();
                    if (frame.IsEmpty)
                    {
                        break;
                    }
                    Assert.InRange(frame.Length, Nic.MinimumFrameSize, Nic.MaximumFrameSize);
                    byte sum = 0;
                    foreach (byte each in frame)
                    {
                        sum += each;
                    }
                    if (random.Next(50) == 0)
                    {
                        random.NextBytes(_card.Ring); // What was looked at changes before it is released.
                    }
                    nic.Release();
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Frame(int length, int seed, string destination = "525400123456")
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Convert.FromHexString(destination).CopyTo(frame, 0);
        return frame;
    }

    private void Use(SimulatedRtl8139 card)
    {
        _card.Dispose();
        _card = card;
    }

    private Nic Start(SimulatedRtl8139? card = null)
    {
        if (card is not null)
        {
            Use(card);
        }
        _nic = Rtl8139Nic.Create(new PciDevice(_card.Protocol), out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        Assert.True(_nic!.Open(Own).IsSuccess);
        _nic.SetFilter(Unicast | Broadcast, default);
        return _nic;
    }

    private void AssertCreateFails(EFI_STATUS expected)
    {
        PciDevice device = new(_card.Protocol);
        Assert.Null(Rtl8139Nic.Create(device, out EFI_STATUS status));
        Assert.Equal(expected, status);
        device.RestoreAttributes();
    }
}
