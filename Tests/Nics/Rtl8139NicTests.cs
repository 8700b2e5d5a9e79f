using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Rtl8139;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

public sealed class Rtl8139NicTests : DmaNicContractTests<SimulatedRtl8139>
{
    private const uint Rcr = 0x44;

    protected override int TransmitSlots => 4;

    protected override (int Reads, int Writes) CostOf1000Sent => (249, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (6600, 276);

    protected override bool ReachesAllMemory => false;

    /// <summary>The ring is one of bytes.</summary>
    protected override bool HoldsMoreThanItSays => true;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EachKind_SendsAndReceives(bool isQemu)
    {
        Nic nic = Start(new SimulatedRtl8139 { IsQemu = isQemu });
        Assert.Equal("Realtek RTL8139 Fast Ethernet", nic.Model);
        AssertWorks(nic, 1);
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
    public void Transmit_OfAShortFrame_PadsWithZeros()
    {
        Nic nic = Start();
        for (int i = 0; i < 4; i++)
        {
            Assert.True(nic.TryTransmit(Frame(1000, i)));
        }

        Card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(42, 1)));
        Assert.Equal(Frame(42, 1).Concat(new byte[18]), Assert.Single(Card.Sent));
    }

    [Fact]
    public void Transmit_AfterTooManyCollisions_GoesOn()
    {
        Nic nic = Start();
        Card.AbortsNext = true;
        for (int i = 0; i < 4; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Card.TransmitterHangs = false;
        nic.TryTransmit(Frame(60, 4));
        Assert.Equal(Enumerable.Range(0, 4).Select(i => Frame(60, i)), Card.Sent.Take(4));
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Card.Sent[^1]);
    }

    [Fact]
    public void Receive_OfManyFrames_CostsAReadForAllAndAWriteForEach8KiB()
    {
        Nic nic = Start();
        for (int i = 0; i < 40; i++)
        {
            Assert.True(Card.Receive(Frame(1514, i)));
        }

        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(Frame(1514, i), nic.Peek().ToArray());
            nic.Release();
        }

        Assert.Equal(1, Card.RegisterReads);
        Assert.Equal(6, Card.RegisterWrites);
    }

    [Fact]
    public void Receive_OfNothing_CostsARead()
    {
        Nic nic = Start();
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        for (int i = 0; i < 160; i++)
        {
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.Equal(170, Card.RegisterReads);
        Assert.Equal(0, Card.RegisterWrites);
    }

    [Theory]
    [InlineData(0x10)] // the ring
    [InlineData(0x40)] // the FIFO
    public void Receive_AfterAnOverflow_StartsAnew(int cause)
    {
        Nic nic = Start();
        Assert.True(Card.Receive(Frame(100, 1)));
        Card.Overflow((ushort)cause);
        Assert.False(Card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.Equal(2UL, nic.ReceiveErrors);
        Assert.True(Card.Receive(Frame(100, 3)));
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
        Card.Receive(Frame(length - 4 < 14 ? 14 : length - 4, 1), (ushort)status, length);
        if (length < 18)
        {
            Card.WriteOffset = (ushort)((4 + length + 3) & ~3);
        }

        AssertGoesOn(nic, errors: 1);
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
        Card.Receive(Frame(100, 1), (ushort)status, length);
        Card.Receive(Frame(100, 2));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.Equal(0, Card.WriteOffset);
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_OfAFrameThatIsStillComingIn_Waits()
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1));
        Card.Incoming = 40;
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(nic.Peek().IsEmpty);
        Card.Incoming = 0;
        AssertGoesOn(nic, errors: 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_OtherThanPromiscuous_KeepsTheRing(bool isQemu)
    {
        Nic nic = Start(new SimulatedRtl8139 { IsQemu = isQemu });
        Assert.True(Card.Receive(Frame(100, 1)));
        Card.Writes.Clear();
        nic.SetFilter(Unicast | Broadcast | PromiscuousMulticast, default);
        nic.SetFilter(Unicast | Broadcast | Multicast, [Own]);
        Assert.DoesNotContain(Card.Writes, write => write.Offset == Rcr);
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();

        nic.SetFilter(Promiscuous, default);
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(Card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_LeavesTheCardQuietAndAsItWas(bool neverResets)
    {
        Nic nic = Start();
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        Card.Receive(Frame(100, 1, Moved));
        Card.NeverResets = neverResets;
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 500_000UL);
        Assert.False(Card.IsReceiving);
        Assert.False(Card.IsTransmitting);
        Assert.Equal(0u, Card[0x3C] & 0xFFFF);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal((uint)Own.Value, Card[0]);
        Assert.Equal((uint)(Own.Value >> 32), Card[4] & 0xFFFF);
        Assert.Equal(1, Card.MappingCount);
    }

    [Fact]
    public void RandomRings_NeverFault()
    {
        Nic nic = Start();
        Prop.ForAll<byte[], ushort>((bytes, end) =>
        {
            Random random = new((bytes.Length * 31) + end);
            Span<byte> ring = Card.Ring;
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
                Card.WriteOffset = turn == 0 ? end : (ushort)random.Next(0x1_0000);
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
                        random.NextBytes(Card.Ring); // What was looked at changes before it is released.
                    }

                    nic.Release();
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    protected override SimulatedRtl8139 CreateCard(string address) => new(address);

    protected override Driver NewDriver() => new Rtl8139Driver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Rtl8139Nic.Create(device, out status);

    /// <summary>The station's own and broadcast are always on: see <see cref="Rtl8139Nic"/>.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) =>
        destination == Everybody || new MacAddress(Convert.FromHexString(destination)) == Own;
}
