using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Ne2k;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

public sealed class Ne2kNicTests : PciNicContractTests<SimulatedNe2k>
{
    protected override int TransmitSlots => 2;

    protected override (int Reads, int Writes) CostOf1000Sent => (2000, 12000);

    protected override (int Reads, int Writes) CostOf3200Received => (16067, 45135);

    protected override bool IsPromiscuousWhenMoved => true;

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
        Card.Moved[2] = Card.Moved[4] = 0;
        for (int i = 0; i < 200; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60 + (7 * i), i)));
            Assert.True(Card.Receive(Frame(60 + (7 * i), i)));
            Assert.Equal(Frame(60 + (7 * i), i), nic.Peek().ToArray());
            Assert.Equal(Frame(60 + (7 * i), i), nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => Frame(60 + (7 * i), i)), Card.Sent);
        Assert.Equal(0, Card.Moved[isWide ? 2 : 4]);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Create_WhenMemoryDoesNotAnswer_FailsInTime()
    {
        Use(new SimulatedNe2k { RemoteHangs = true });
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 10_000UL);
    }

    [Fact]
    public void Create_LeavesTheChipStopped()
    {
        Create();
        Assert.False(Card.IsRunning);
        Assert.Equal(0, Card.Mask);
    }

    [Fact]
    public void Transmit_PadsShortFramesWithZeros()
    {
        Nic nic = Start();
        nic.TryTransmit(Frame(1000, 1));
        nic.TryTransmit(Frame(1000, 2));
        Assert.True(nic.TryTransmit(Frame(43, 3)));
        Assert.Equal([.. Frame(43, 3), .. new byte[17]], Card.Sent[^1]);
    }

    [Fact]
    public void Transmit_FillsTheSecondSetWhileTheFirstIsOnTheWire()
    {
        Nic nic = Start();
        Card.TransmitterHangs = true;
        Assert.True(nic.TryTransmit(Frame(1514, 1)));
        Assert.True(nic.TryTransmit(Frame(1514, 2)));
        Assert.False(nic.TryTransmit(Frame(1514, 3)));
        Card.EndTransmission();
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal([Frame(1514, 1), Frame(1514, 2)], Card.Sent);
        Assert.True(nic.TryTransmit(Frame(1514, 3)));
        Assert.Equal(Frame(1514, 3), Card.Sent[2]);
    }

    [Fact]
    public void Transmit_WhenTheCardDoesNotTakeTheFrame_SaysSo()
    {
        Nic nic = Start();
        Card.RemoteHangs = true;
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        Card.RemoteHangs = false;
        Assert.True(nic.TryTransmit(Frame(60, 2)));
        Assert.Equal(Frame(60, 2), Assert.Single(Card.Sent));
    }

    [Fact]
    public void Frames_CostAFewCallsOfTheFirmware()
    {
        Nic nic = Start();
        Assert.Equal((1, 0), Cost(() => nic.Peek()));
        Card.Receive(Frame(1514, 1));
        Card.Receive(Frame(1514, 2));
        Assert.Equal((4, 14), Cost(() => nic.Peek())); // With the question how far the receiver is: a read and 3 writes.
        nic.Release();
        Assert.Equal((3, 11), Cost(() => nic.Peek()));
        nic.Release();
        Card.Receive(Frame(60, 3));
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
        while (held < 1000 && Card.Receive(Frame(1514, held)))
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
            while (Card.Receive(Frame(500 + round, next)))
            {
                next++;
            }

            Card.Sent.Clear();
            Card.TransmitterHangs = isSending;
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
                Assert.Empty(Card.Sent);
                Card.EndTransmission();
            }

            Assert.Equal(Frame(70, round), Assert.Single(Card.Sent)); // Once: not cut off, and not twice.
            Assert.True(Card.Receive(Frame(60, round)));
            Assert.Equal(Frame(60, round), nic.Peek().ToArray());
            nic.Release();
        }

        Assert.InRange(nic.ReceiveErrors, 20UL, 60UL);
    }

    [Fact]
    public void FrameThatIsTooLong_IsCountedAndSkipped()
    {
        Nic nic = Start();
        Assert.True(Card.Receive(Frame(1519, 1)));
        Assert.True(Card.Receive(Frame(1518, 2)));
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
        Assert.True(Card.Receive(Frame(60, 1), header =>
        {
            header[index] = value;
            return header;
        }));
        Card.Receive(Frame(60, 2));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(Card.Receive(Frame(200, 3)));
        Assert.Equal(Frame(200, 3), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void HeaderThatTakesAPageMore_IsBelieved()
    {
        Nic nic = Start();
        Card.Receive(Frame(248, 1), header =>
        {
            header[1]++;
            return header;
        });
        Card.Current++;
        Card.Receive(Frame(60, 2));
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
        Card.Receive(Frame(60, 1));
        Card.CurrentLie = page;
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Card.CurrentLie = null;
        Assert.True(Card.Receive(Frame(60, 2)));
        Assert.Equal(Frame(60, 2), nic.Peek().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Station_CanChange(bool comparesWithProm)
    {
        Nic nic = Start(new SimulatedNe2k { ComparesWithProm = comparesWithProm });
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        Assert.True(Card.Receive(Frame(60, 1, Moved)));
        nic.SetStation(Own);
        Assert.True(Card.Receive(Frame(60, 1)));
        Assert.False(Card.Receive(Frame(60, 1, Moved)));
        Assert.Equal(Frame(60, 1, Moved), nic.Peek().ToArray());
    }

    [Fact]
    public void Close_SendsWhatWasAcceptedAndStops()
    {
        Nic nic = Start();
        nic.TryTransmit(Frame(60, 1));
        Card.Receive(Frame(60, 2));
        nic.Close();
        Assert.False(Card.IsRunning);
        Assert.False(Card.IsReceiving);
        Assert.Equal(0, Card.Mask);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Single(Card.Sent);
    }

    [Fact]
    public void Close_WhenTheTransmitterHangs_EndsInTime()
    {
        Nic nic = Start();
        Card.TransmitterHangs = true;
        nic.TryTransmit(Frame(60, 1));
        nic.TryTransmit(Frame(60, 2));
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 50_000UL);
        Assert.False(Card.IsRunning);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_StopsTheChipInTime()
    {
        Nic nic = Start();
        Card.NeverResets = true;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited, 0UL, 50_000UL);
        Assert.False(Card.IsRunning);
    }

    [Fact]
    public void Link_ThatTheChipDoesNotTest_CannotBeTold()
    {
        Card.TestsLink = false;
        Card.IsLinkUp = false;
        Nic nic = Start();
        Assert.False(nic.ReportsLink);
        Assert.True(nic.IsLinkUp());
    }

    [Fact]
    public void RandomMemory_NeverFaults()
    {
        Nic nic = Start();
        Prop.ForAll<byte[], byte>((bytes, current) =>
        {
            Random random = new((bytes.Length * 256) + current);
            random.NextBytes(Card.Page(0x4C)[..(116 * 256)]);
            for (int page = 0x4C; page < 0xC0; page++)
            {
                // Headers that are nearly true.
                Span<byte> header = Card.Page(page);
                header[0] = (byte)(random.Next(8) == 0 ? 0 : 1);
                header[1] = (byte)(page + random.Next(9));
                header[3] = (byte)random.Next(8);
                bytes.AsSpan(0, Math.Min(bytes.Length, 4)).CopyTo(random.Next(4) == 0 ? header : new byte[4]);
            }

            Card.Current = random.Next(4) == 0 ? current : (byte)random.Next(0x4C, 0xC0);
            Card.Announce();
            ReadAll(nic, 299);
            Assert.True(nic.Peek().IsEmpty);
        }).QuickCheckThrowOnFailure();
    }

    private (int Reads, int Writes) Cost(Action action)
    {
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        action();
        return (Card.RegisterReads, Card.RegisterWrites);
    }

    protected override SimulatedNe2k CreateCard(string address) => new(address);

    protected override Driver NewDriver() => new Ne2kDriver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Ne2kNic.Create(device, out status);

    /// <summary>The chip has no bit for frames to its own address: it receives them unless it receives nothing.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) =>
        filters != None && new MacAddress(Convert.FromHexString(destination)) == Own;
}
