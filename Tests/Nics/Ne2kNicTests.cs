using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.Ne2k;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class Ne2kNicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private SimulatedNe2k _card = new();
    private Nic? _nic;

    public Ne2kNicTests() => DeviceFirmware.Start();

    public void Dispose()
    {
        _nic?.Dispose();
        Assert.Empty(_card.Faults);
        Assert.Equal(0, _card.AllocationCount);
        Assert.Equal(0UL, _card.Attributes);
        _card.Dispose();
    }

    [Theory]
    [InlineData(16, true, 8)]
    [InlineData(16, false, 8)]
    [InlineData(32, true, 19)]
    [InlineData(32, false, 19)]
    public void EachCard_SendsAndReceives(int size, bool isWide, int ring)
    {
        Nic nic = Start(new SimulatedNe2k(size: size) { IsWide = isWide });
        Assert.Equal("Realtek RTL8029AS Ethernet", nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.Equal(ring, nic.ReceiveRingSize);
        _card.Moved[2] = _card.Moved[4] = 0;
        for (int i = 0; i < 200; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60 + (7 * i), i)));
            Assert.True(_card.Receive(Frame(60 + (7 * i), i)));
            Assert.Equal(Frame(60 + (7 * i), i), nic.Peek().ToArray());
            Assert.Equal(Frame(60 + (7 * i), i), nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(Enumerable.Range(0, 200).Select(i => Frame(60 + (7 * i), i)), _card.Sent);
        Assert.Equal(0, _card.Moved[isWide ? 2 : 4]);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("015400123456")]
    public void Create_WithoutAnAddress_Fails(string address)
    {
        Use(new SimulatedNe2k(address));
        AssertCreateFails();
    }

    [Fact]
    public void Create_WhenTheResetNeverEnds_FailsInTime()
    {
        Use(new SimulatedNe2k { NeverResets = true });
        AssertCreateFails();
        Assert.InRange(DeviceFirmware.Waited, 1_000UL, 20_000UL);
    }

    [Fact]
    public void Create_OfARemovedCard_FailsAtOnce()
    {
        Use(new SimulatedNe2k { IsRemoved = true });
        AssertCreateFails();
        Assert.Equal(0UL, DeviceFirmware.Waited);
    }

    [Fact]
    public void Create_WhenMemoryDoesNotAnswer_FailsInTime()
    {
        Use(new SimulatedNe2k { RemoteHangs = true });
        AssertCreateFails();
        Assert.InRange(DeviceFirmware.Waited, 0UL, 10_000UL);
    }

    [Fact]
    public void Create_LeavesTheChipStopped()
    {
        _nic = Create();
        Assert.False(_card.IsRunning);
        Assert.Equal(0, _card.Mask);
    }

    [Fact]
    public void Transmit_PadsShortFramesWithZeros()
    {
        Nic nic = Start();
        nic.TryTransmit(Frame(1000, 1));
        nic.TryTransmit(Frame(1000, 2));
        Assert.True(nic.TryTransmit(Frame(43, 3)));
        Assert.Equal([.. Frame(43, 3), .. new byte[17]], _card.Sent[^1]);
    }

    [Fact]
    public void Transmit_TakesTheLargestFrame()
    {
        Nic nic = Start();
        Assert.True(nic.TryTransmit(Frame(Nic.MaximumFrameSize, 1)));
        Assert.Equal(Frame(Nic.MaximumFrameSize, 1), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Transmit_FillsTheSecondSetWhileTheFirstIsOnTheWire()
    {
        Nic nic = Start();
        _card.TransmitterHangs = true;
        Assert.True(nic.TryTransmit(Frame(1514, 1)));
        Assert.True(nic.TryTransmit(Frame(1514, 2)));
        Assert.False(nic.TryTransmit(Frame(1514, 3)));
        _card.EndTransmission();
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal([Frame(1514, 1), Frame(1514, 2)], _card.Sent);
        Assert.True(nic.TryTransmit(Frame(1514, 3)));
        Assert.Equal(Frame(1514, 3), _card.Sent[2]);
    }

    [Fact]
    public void Transmit_WhenTheCardDoesNotTakeTheFrame_SaysSo()
    {
        Nic nic = Start();
        _card.RemoteHangs = true;
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        _card.RemoteHangs = false;
        Assert.True(nic.TryTransmit(Frame(60, 2)));
        Assert.Equal(Frame(60, 2), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Frames_CostAFewCallsOfTheFirmware()
    {
        Nic nic = Start();
        Assert.Equal((1, 0), Cost(() => nic.Peek()));
        _card.Receive(Frame(1514, 1));
        _card.Receive(Frame(1514, 2));
        Assert.Equal((4, 14), Cost(() => nic.Peek())); // With the question how far the receiver is: a read and 3 writes.
        nic.Release();
        Assert.Equal((3, 11), Cost(() => nic.Peek()));
        nic.Release();
        _card.Receive(Frame(60, 3));
        Assert.Equal((3, 9), Cost(() => nic.Peek()));
        Assert.Equal((2, 12), Cost(() => nic.TryTransmit(Frame(1514, 4))));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void Receive_HoldsAsManyFramesAsTheRing(int size)
    {
        Nic nic = Start(new SimulatedNe2k(size: size));
        int held = 0;
        while (held < 1000 && _card.Receive(Frame(1514, held)))
        {
            held++;
        }
        Assert.Equal(nic.ReceiveRingSize, held);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(1514, i), nic.Peek().ToArray());
            nic.Release();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Overwrite_IsRecoveredFrom(bool isSending)
    {
        Nic nic = Start();
        int next = 0;
        for (int round = 0; round < 20; round++)
        {
            int first = next;
            while (_card.Receive(Frame(500 + round, next)))
            {
                next++;
            }
            _card.Sent.Clear();
            _card.TransmitterHangs = isSending;
            Assert.True(nic.TryTransmit(Frame(70, round)));
            ulong before = DeviceFirmware.Waited;
            for (int i = first; i < next; i++)
            {
                Assert.Equal(Frame(500 + round, i), nic.Peek().ToArray());
                nic.Release();
            }
            Assert.True(nic.Peek().IsEmpty);
            Assert.InRange(DeviceFirmware.Waited - before, 1_600UL, 3_200UL);
            if (isSending)
            {
                Assert.Empty(_card.Sent);
                _card.EndTransmission();
            }
            Assert.Equal(Frame(70, round), Assert.Single(_card.Sent)); // Once: not cut off, and not twice.
            Assert.True(_card.Receive(Frame(60, round)));
            Assert.Equal(Frame(60, round), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.InRange(nic.ReceiveErrors, 20UL, 60UL);
    }

    [Fact]
    public void FrameThatIsTooLong_IsCountedAndSkipped()
    {
        Nic nic = Start();
        Assert.True(_card.Receive(Frame(1519, 1)));
        Assert.True(_card.Receive(Frame(1518, 2)));
        Assert.Equal(Frame(1518, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(0, 0x00)] // not received
    [InlineData(0, 0x02)] // CRC error
    [InlineData(1, 0x00)] // before the ring
    [InlineData(1, 0x4B)]
    [InlineData(1, 0xC0)] // behind it
    [InlineData(1, 0xFF)]
    [InlineData(1, 0x4D)] // itself: no page long
    [InlineData(1, 0x60)] // beyond what was received
    [InlineData(2, 0x00)] // 0 bytes
    [InlineData(2, 0x3F)] // a runt
    [InlineData(3, 0xFF)] // longer than its pages
    [InlineData(3, 0x06)]
    public void BadHeader_RestartsTheReceiver(int index, byte value)
    {
        Nic nic = Start();
        Assert.True(_card.Receive(Frame(60, 1), header =>
        {
            header[index] = value;
            return header;
        }));
        _card.Receive(Frame(60, 2));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(_card.Receive(Frame(200, 3)));
        Assert.Equal(Frame(200, 3), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void HeaderThatTakesAPageMore_IsBelieved()
    {
        Nic nic = Start();
        _card.Receive(Frame(248, 1), header =>
        {
            header[1]++;
            return header;
        });
        _card.Current++;
        _card.Receive(Frame(60, 2));
        Assert.Equal(Frame(248, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(60, 2), nic.Peek().ToArray());
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x4B)]
    [InlineData(0xC0)]
    [InlineData(0xFF)]
    public void CurrentPageOutsideTheRing_RestartsTheReceiver(byte page)
    {
        Nic nic = Start();
        _card.Receive(Frame(60, 1));
        _card.CurrentLie = page;
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        _card.CurrentLie = null;
        Assert.True(_card.Receive(Frame(60, 2)));
        Assert.Equal(Frame(60, 2), nic.Peek().ToArray());
    }

    [Fact]
    public void Filter_LetsThroughWhatWasAskedFor()
    {
        Nic nic = Start();
        byte[] broadcast = Frame(60, 1, "FFFFFFFFFFFF");
        byte[] group = Frame(60, 1, "01005E000042");
        byte[] foreign = Frame(60, 1, "525400999999");
        nic.SetFilter(0, default);
        Assert.False(_card.Receive(Frame(60, 1)));
        Assert.False(_card.Receive(broadcast));
        nic.SetFilter(Unicast, default);
        Assert.True(_card.Receive(Frame(60, 1)));
        Assert.False(_card.Receive(broadcast));
        Assert.False(_card.Receive(group));
        nic.SetFilter(Unicast | Broadcast, default);
        Assert.True(_card.Receive(broadcast));
        Assert.False(_card.Receive(group));
        nic.SetFilter(Unicast | Multicast, [new MacAddress(Convert.FromHexString("01005E000042"))]);
        Assert.True(_card.Receive(group));
        Assert.False(_card.Receive(broadcast));
        Assert.False(_card.Receive(Frame(60, 1, "01005E000043")));
        Assert.False(_card.Receive(foreign));
        nic.SetFilter(Unicast | PromiscuousMulticast, default);
        Assert.True(_card.Receive(Frame(60, 1, "01005E000043")));
        Assert.False(_card.Receive(foreign));
        nic.SetFilter(Promiscuous, default);
        Assert.True(_card.Receive(foreign));
        Assert.True(_card.Receive(broadcast));
    }

    [Fact]
    public void MulticastHash_IsTheChips() => Prop.ForAll<byte[]>(bytes =>
    {
        byte[] address = new byte[6];
        bytes.AsSpan(0, Math.Min(bytes.Length, 6)).CopyTo(address);
        address[0] |= 1;
        Nic nic = _nic ?? Start();
        nic.SetFilter(Multicast, [new MacAddress(address)]);
        bool came = _card.Receive(Frame(60, 1, Convert.ToHexString(address)));
        nic.Peek();
        nic.Release();
        return came || new MacAddress(address).IsBroadcast;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Station_CanChange(bool comparesWithProm)
    {
        Nic nic = Start(new SimulatedNe2k { ComparesWithProm = comparesWithProm });
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        Assert.True(_card.Receive(Frame(60, 1, "020000000001")));
        nic.SetStation(Own);
        Assert.True(_card.Receive(Frame(60, 1)));
        Assert.False(_card.Receive(Frame(60, 1, "020000000001")));
        Assert.Equal(Frame(60, 1, "020000000001"), nic.Peek().ToArray());
    }

    [Fact]
    public void Close_SendsWhatWasAcceptedAndStops()
    {
        Nic nic = Start();
        nic.TryTransmit(Frame(60, 1));
        _card.Receive(Frame(60, 2));
        nic.Close();
        Assert.False(_card.IsRunning);
        Assert.False(_card.IsReceiving);
        Assert.Equal(0, _card.Mask);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Single(_card.Sent);
    }

    [Fact]
    public void Close_WhenTheTransmitterHangs_EndsInTime()
    {
        Nic nic = Start();
        _card.TransmitterHangs = true;
        nic.TryTransmit(Frame(60, 1));
        nic.TryTransmit(Frame(60, 2));
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 50_000UL);
        Assert.False(_card.IsRunning);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_StopsTheChipInTime()
    {
        Nic nic = Start();
        _card.NeverResets = true;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited, 0UL, 50_000UL);
        Assert.False(_card.IsRunning);
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Start();
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.True(nic.Open(Own).IsSuccess);
            nic.SetFilter(Unicast, default);
            Assert.True(_card.Receive(Frame(100, i)));
            Assert.Equal(Frame(100, i), nic.Peek().ToArray());
            Assert.True(nic.TryTransmit(Frame(100, i)));
        }
        Assert.Equal(50, _card.Sent.Count);
    }

    [Fact]
    public void Link_CannotBeTold()
    {
        Nic nic = Start();
        Assert.False(nic.ReportsLink);
        Assert.True(nic.IsLinkUp());
    }

    [Fact]
    public void RemovedCard_IsHarmless()
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1));
        Assert.Equal(100, nic.Peek().Length);
        _card.IsRemoved = true;
        nic.Release();
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
        nic.Dispose();
        _nic = null;
        Assert.InRange(DeviceFirmware.Waited, 0UL, 100_000UL);
    }

    [Fact]
    public void RandomMemory_NeverFaults()
    {
        Nic nic = Start();
        Prop.ForAll<byte[], byte>((bytes, current) =>
        {
            Random random = new((bytes.Length * 256) + current);
            random.NextBytes(_card.Page(0x4C)[..(116 * 256)]);
            for (int page = 0x4C; page < 0xC0; page++)
            {
                // Headers that are nearly true.
                Span<byte> header = _card.Page(page);
                header[0] = (byte)(random.Next(8) == 0 ? 0 : 1);
                header[1] = (byte)(page + random.Next(9));
                header[3] = (byte)random.Next(8);
                bytes.AsSpan(0, Math.Min(bytes.Length, 4)).CopyTo(random.Next(4) == 0 ? header : new byte[4]);
            }
            _card.Current = random.Next(4) == 0 ? current : (byte)random.Next(0x4C, 0xC0);
            _card.Announce();
            for (int i = 0; i < 300; i++)
            {
                ReadOnlySpan<byte> frame = nic.Peek();
                if (frame.IsEmpty)
                {
                    break;
                }
                Assert.InRange(frame.Length, 60, Nic.MaximumFrameSize);
                byte sum = 0;
                foreach (byte each in frame)
                {
                    sum += each;
                }
                nic.Release();
                Assert.NotEqual(299, i);
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

    private (int Reads, int Writes) Cost(Action action)
    {
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        action();
        return (_card.RegisterReads, _card.RegisterWrites);
    }

    private void Use(SimulatedNe2k card)
    {
        _card.Dispose();
        _card = card;
    }

    private Nic Start(SimulatedNe2k? card = null)
    {
        if (card is not null)
        {
            Use(card);
        }
        _nic = Create();
        Assert.True(_nic.Open(Own).IsSuccess);
        _nic.SetFilter(Unicast | Broadcast, default);
        return _nic;
    }

    private Nic Create()
    {
        Nic? nic = Ne2kNic.Create(new PciDevice(_card.Protocol), out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        return nic!;
    }

    private void AssertCreateFails()
    {
        PciDevice device = new(_card.Protocol);
        Assert.Null(Ne2kNic.Create(device, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        device.RestoreAttributes();
    }
}
