using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

/// <summary>
/// What every driver of a NIC keeps to, whatever the chip: each of these facts runs on each card. A class for a card derives from
/// this, says how its card differs, and has the facts that are the chip's own.
/// </summary>
[Collection("Firmware")]
public abstract unsafe class NicContractTests<TCard> : IDisposable where TCard : SimulatedNic
{
    protected const string Group = "01005E7FFFFA";
    protected const string OtherGroup = "333300000001";
    protected const string Everybody = "FFFFFFFFFFFF";
    protected const string ForeignGroup = "01005E000011";
    protected const string Foreign = "525400000000";
    protected const string Moved = "020000000001";

    protected const string OwnText = "525400123456";

    protected static readonly MacAddress Own = new(Convert.FromHexString(OwnText));
    protected static readonly MacAddress[] Groups = [new(Convert.FromHexString(Group)), new(Convert.FromHexString(OtherGroup))];

    private TCard? _card;
    private PciDevice? _device;

    protected NicContractTests() => DeviceFirmware.Start();

    /// <summary>Made when it is first asked for.</summary>
    protected TCard Card => _card ??= CreateCard(OwnText);

    protected Nic? Nic { get; set; }

    /// <summary>Frames that the driver takes before the first is sent.</summary>
    protected abstract int TransmitSlots { get; }

    /// <summary>Register accesses to send 1,000 frames, each as soon as it can be.</summary>
    protected abstract (int Reads, int Writes) CostOf1000Sent { get; }

    /// <summary>Register accesses to receive 3,200 frames, with a poll before and after each.</summary>
    protected abstract (int Reads, int Writes) CostOf3200Received { get; }

    /// <summary>A ring of bytes holds more frames than its size says when they are small.</summary>
    protected virtual bool HoldsMoreThanItSays => false;

    /// <summary>Whether frames that find no room are known to the driver.</summary>
    protected virtual bool CountsWhatFindsNoRoom => true;

    /// <summary>What Create says of a card that is gone.</summary>
    protected virtual EFI_STATUS RemovedStatus => EFI_STATUS.EFI_DEVICE_ERROR;

    /// <summary>Whether Create notices that a reset does not end.</summary>
    protected virtual bool WaitsForReset => true;

    /// <summary>Whether the driver makes an address up when the card has none.</summary>
    protected virtual bool MakesAddressUp => false;

    /// <summary>Whether another station address than the card's own is received by receiving everything.</summary>
    protected virtual bool IsPromiscuousWhenMoved => false;

    /// <summary>Blocks of memory that stay allocated, since the device could still reach them.</summary>
    protected virtual int MemoryKept => 0;

    public void Dispose()
    {
        Nic?.Dispose();
        Assert.Empty(Card.Faults);
        Assert.Equal(MemoryKept, Card.AllocationCount);
        Assert.Equal(MemoryKept, Card.MappingCount);
        Assert.Equal(0, DeviceFirmware.PoolCount);
        CheckAtEnd();
        Detach();
        Assert.Equal(0UL, Card.Attributes);
        Card.Dispose();
    }

    [Fact]
    public void Nic_SendsAndReceives()
    {
        Nic nic = Start();
        Assert.Equal(Own, nic.PermanentAddress);
        AssertWorks(nic, 1);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("015400123456")]
    [InlineData(Everybody)]
    public void Create_WithoutAnAddress_Fails(string address)
    {
        Use(CreateCard(address));
        if (MakesAddressUp)
        {
            Assert.True(Create().PermanentAddress.IsStation);
        }
        else
        {
            AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        }
    }

    [Fact]
    public void Create_OfARemovedCard_FailsAtOnce()
    {
        Card.IsRemoved = true;
        AssertCreateFails(RemovedStatus);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 10_000UL);
    }

    [Fact]
    public void Create_WhenTheResetNeverEnds_EndsInTime()
    {
        Card.NeverResets = true;
        if (WaitsForReset)
        {
            AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
            Assert.InRange(DeviceFirmware.Waited, 1UL, 600_000UL);
        }
        else
        {
            Create();
            Assert.Equal(0UL, DeviceFirmware.Waited);
        }
    }

    [Fact]
    public void Create_LeavesTheCardQuiet()
    {
        Create();
        Assert.False(Card.Receive(Frame(100, 1)));
        Assert.False(Card.Receive(Frame(100, 1, Everybody)));
        Assert.Empty(Card.Sent);
    }

    [Theory]
    [InlineData(Nic.MinimumFrameSize)]
    [InlineData(60)]
    [InlineData(Nic.MaximumFrameSize)]
    public void Transmit_TakesEachSize(int length)
    {
        Nic nic = Start();
        Assert.True(nic.TryTransmit(Frame(length, 1)));
        byte[] sent = Assert.Single(Card.Sent);
        Assert.Equal(Frame(length, 1), sent.Take(length));
        Assert.All(sent.Skip(length), padding => Assert.Equal(0, padding));
    }

    [Fact]
    public void Transmit_ThroughManyRings_SendsEveryFrame_AndCostsWhatTheDriverSays()
    {
        SendMany(Start());
        Assert.Equal(CostOf1000Sent, (Card.RegisterReads, Card.RegisterWrites));
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_SaysSoAndDoesNotOverwrite()
    {
        Nic nic = Start();
        Assert.Equal(TransmitSlots, FillTransmitRing(nic));
        Card.TransmitterHangs = false;
        Assert.True(nic.Open(Own).IsSuccess);
        Card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Assert.Single(Card.Sent));
    }

    [Fact]
    public void Receive_ThroughManyRings_KeepsEveryFrameInOnePiece_AndCostsWhatTheDriverSays()
    {
        Nic nic = Start();
        ReceiveMany(nic);
        Assert.Equal(CostOf3200Received, (Card.RegisterReads, Card.RegisterWrites));
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_HoldsAsManyFramesAsTheRing_AndGoesOnAfterIt()
    {
        Nic nic = Start();
        int held = 0;
        while (held < 1000 && Card.Receive(Frame(Nic.MaximumFrameSize, held)))
        {
            held++;
        }

        Assert.InRange(held, nic.ReceiveRingSize, HoldsMoreThanItSays ? 1000 : nic.ReceiveRingSize);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(Nic.MaximumFrameSize, i), nic.Peek().ToArray());
            nic.Release();
        }

        for (int i = 0; i < 32; i++)
        {
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.InRange(nic.ReceiveErrors, CountsWhatFindsNoRoom ? 1UL : 0, CountsWhatFindsNoRoom ? 3UL : 0);
        AssertWorks(nic, 1);
    }

    [Fact]
    public void Filter_LetsThroughWhatItIsSetTo()
    {
        Nic nic = Start();
        ReceiveFilters[] settings =
        [
            Unicast, Unicast | Multicast, Multicast, Broadcast, Unicast | Broadcast, PromiscuousMulticast, Unicast | PromiscuousMulticast,
            Promiscuous, None,
        ];
        foreach (ReceiveFilters filters in settings)
        {
            nic.SetFilter(filters, (filters & Multicast) != 0 ? Groups : default);
            AssertReceives(nic, filters, OwnText, Unicast | Promiscuous);
            AssertReceives(nic, filters, Group, Multicast | EveryMulticast);
            AssertReceives(nic, filters, OtherGroup, Multicast | EveryMulticast);
            AssertReceives(nic, filters, ForeignGroup, EveryMulticast);
            AssertReceives(nic, filters, Everybody, Broadcast | Promiscuous);
            AssertReceives(nic, filters, Foreign, Promiscuous);
        }
    }

    [Fact]
    public void Filter_LetsEachGroupThroughThatIsAskedFor()
    {
        Nic nic = Start();
        Prop.ForAll<byte[]>(bytes =>
        {
            byte[] address = new byte[MacAddress.Size];
            bytes.AsSpan(0, Math.Min(bytes.Length, MacAddress.Size)).CopyTo(address);
            address[0] |= 1;
            nic.SetFilter(Multicast, [new MacAddress(address)]);
            bool came = Card.Receive(Frame(60, 1, Convert.ToHexString(address)));
            ReadAll(nic, 8, endsAtNothing: false);
            return came || new MacAddress(address).IsBroadcast;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Open_StartsWithEveryFilterOff()
    {
        Nic nic = Start();
        nic.SetFilter(Unicast | Broadcast | PromiscuousMulticast, default);
        Assert.True(nic.Open(Own).IsSuccess);
        AssertReceives(nic, None, OwnText, All);
        AssertReceives(nic, None, Group, All);
        AssertReceives(nic, None, Everybody, All);
        AssertReceives(nic, None, Foreign, All);
    }

    [Fact]
    public void Station_CanChangeWhileOpen_AndKeepsTheFramesReceived()
    {
        Nic nic = Start();
        Assert.True(Card.Receive(Frame(100, 1)));
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        Assert.True(Card.Receive(Frame(100, 2, Moved)));
        Assert.Equal(IsPromiscuousWhenMoved, Card.Receive(Frame(100, 3)));
        nic.SetStation(Own);
        Assert.True(Card.Receive(Frame(100, 4)));
        Assert.Equal(AlsoReceives(Unicast | Broadcast, Moved), Card.Receive(Frame(100, 5, Moved)));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(100, 2, Moved), nic.Peek().ToArray());
    }

    [Fact]
    public void Link_IsTheCards()
    {
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        Card.IsLinkUp = false;
        Assert.Equal(!nic.ReportsLink, nic.IsLinkUp());
        AssertWorks(nic, 1);
        Card.IsLinkUp = true;
        Assert.True(nic.IsLinkUp());
    }

    [Fact]
    public void Link_OfARemovedCard_GoesDown()
    {
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        Card.IsRemoved = true;
        bool isUp = true;
        for (int i = 0; i < 100 && isUp; i++)
        {
            isUp = nic.IsLinkUp();
        }

        Assert.Equal(!nic.ReportsLink, isUp);
        Assert.Equal(isUp, nic.IsLinkUp());
    }

    [Fact]
    public void Close_StopsTheCard()
    {
        Nic nic = Start();
        int allocations = Card.AllocationCount;
        Assert.True(Card.Receive(Frame(100, 1)));
        nic.Close();
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(Card.Receive(Frame(100, 2)));
        Assert.False(Card.Receive(Frame(100, 2, Everybody)));
        Assert.Equal(allocations, Card.AllocationCount);
        nic.Close();
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_EndsInTime()
    {
        Nic nic = Start();
        Card.NeverResets = true;
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 600_000UL);
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void Quiesce_StopsTheCard_AndOpenStartsItAnew()
    {
        Nic nic = Start();
        nic.Quiesce();
        Assert.False(Card.Receive(Frame(100, 2)));
        Assert.False(Card.Receive(Frame(100, 2, Everybody)));
        nic.Quiesce();
        Assert.True(nic.Open(Own).IsSuccess);
        nic.SetFilter(Unicast, default);
        AssertWorks(nic, 1);
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Start();
        int allocations = Card.AllocationCount;
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.True(nic.Open(Own).IsSuccess);
            nic.SetFilter(i % 2 == 0 ? Unicast : Promiscuous, default);
            AssertWorks(nic, i);
        }

        Assert.Equal(allocations, Card.AllocationCount);
    }

    /// <summary>That the memory went after bus mastering, the card itself has seen: see <see cref="SimulatedPciDevice.Faults"/>.</summary>
    [Fact]
    public void Dispose_WhenTheResetNeverEnds_EndsInTime()
    {
        Nic nic = Start();
        Card.NeverResets = true;
        ulong before = DeviceFirmware.Waited;
        nic.Dispose();
        Nic = null;
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 1_200_000UL);
    }

    [Fact]
    public void RemovedCard_IsHarmless()
    {
        Nic nic = Start();
        Assert.True(Card.Receive(Frame(100, 1)));
        Assert.Equal(100, nic.Peek().Length);
        Card.IsRemoved = true;
        nic.Release();
        for (int i = 0; i < 100; i++)
        {
            nic.TryTransmit(Frame(60, i));
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.Equal(0UL, nic.ReceiveErrors);
        nic.SetFilter(Promiscuous, default);
        nic.SetStation(Groups[0]);
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        nic.Dispose();
        Nic = null;
        Assert.InRange(DeviceFirmware.Waited, 0UL, 400_000UL);
    }

    /// <summary>A frame of random bytes; to the card's own address, if nothing else is said.</summary>
    protected static byte[] Frame(int length, int seed, string destination = OwnText)
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Convert.FromHexString(destination).CopyTo(frame, 0);
        return frame;
    }

    protected abstract TCard CreateCard(string address);

    protected abstract Nic? TryCreate(PciDevice device, out EFI_STATUS status);

    /// <summary>Whether the chip lets a frame through that was not asked for, which the SNP then drops.</summary>
    protected virtual bool AlsoReceives(ReceiveFilters filters, string destination) => false;

    /// <summary>What else has to hold of the card, whose NIC is disposed.</summary>
    protected virtual void CheckAtEnd()
    {
    }

    /// <summary>What stands between card and driver goes.</summary>
    protected virtual void Detach()
    {
    }

    protected void Use(TCard card)
    {
        _card?.Dispose();
        _card = card;
    }

    /// <summary>A NIC that is open, with the filters that most clients set.</summary>
    protected Nic Start(TCard? card = null)
    {
        if (card is not null)
        {
            Use(card);
        }

        Nic nic = Create();
        Assert.True(nic.Open(nic.PermanentAddress).IsSuccess);
        nic.SetFilter(Unicast | Broadcast, default);
        return nic;
    }

    protected Nic Create()
    {
        _device = new PciDevice(Card.Protocol);
        Nic = TryCreate(_device, out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        return Nic!;
    }

    protected void AssertCreateFails(EFI_STATUS expected)
    {
        _device = new PciDevice(Card.Protocol);
        Assert.Null(TryCreate(_device, out EFI_STATUS status));
        Assert.Equal(expected, status);
        _device.RestoreAttributes();
    }

    /// <summary>A frame each way. A card may take a round of its ring to be found in step again.</summary>
    protected void AssertWorks(Nic nic, int seed)
    {
        Card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(100, seed)));
        Assert.Equal(Frame(100, seed), Assert.Single(Card.Sent));
        Assert.True(Card.Receive(Frame(200, seed)));
        for (int i = 0; i < 256 && nic.Peek().IsEmpty; i++)
        {
        }

        Assert.Equal(Frame(200, seed), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    /// <summary>1,000 frames out. What they cost is in the card's counters.</summary>
    protected void SendMany(Nic nic)
    {
        Card.Sent.Clear();
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60 + i, i)));
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => Frame(60 + i, i)), Card.Sent);
    }

    /// <summary>3,200 frames in, one by one. What they cost is in the card's counters.</summary>
    protected void ReceiveMany(Nic nic)
    {
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        for (int i = 0; i < 3200; i++)
        {
            byte[] frame = Frame(60 + (i % 1459), i);
            Assert.True(Card.Receive(frame));
            Assert.Equal(frame, nic.Peek().ToArray());
            Assert.Equal(frame, nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }
    }

    /// <summary>Reads whatever a card that writes what it likes has the driver find: each is a frame, and all of it can be read.</summary>
    /// <param name="nic">The driver.</param>
    /// <param name="polls">How often it is asked.</param>
    /// <param name="endsAtNothing">Whether it is asked no more when it has nothing.</param>
    protected static void ReadAll(Nic nic, int polls, bool endsAtNothing = true)
    {
        for (int i = 0; i < polls; i++)
        {
            ReadOnlySpan<byte> frame = nic.Peek();
            if (frame.IsEmpty)
            {
                if (endsAtNothing)
                {
                    return;
                }

                continue;
            }

            Assert.InRange(frame.Length, Nic.MinimumFrameSize, Nic.MaximumFrameSize);
            byte sum = 0;
            foreach (byte each in frame)
            {
                sum += each;
            }

            nic.Release();
        }
    }

    /// <summary>The next frame is read, whatever came before it, of which so many were counted.</summary>
    protected void AssertGoesOn(Nic nic, ulong errors)
    {
        Assert.True(Card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(errors, nic.ReceiveErrors);
    }

    /// <summary>Sends while the card does not, until there is no room.</summary>
    /// <returns>How many frames were taken.</returns>
    protected int FillTransmitRing(Nic nic)
    {
        Card.TransmitterHangs = true;
        int taken = 0;
        while (taken < 1000 && nic.TryTransmit(Frame(60, taken)))
        {
            taken++;
        }

        Assert.False(nic.TryTransmit(Frame(60, 9)));
        return taken;
    }

    private void AssertReceives(Nic nic, ReceiveFilters filters, string destination, ReceiveFilters wantedBy)
    {
        bool isExpected = (filters & wantedBy) != 0 || AlsoReceives(filters, destination);
        Assert.True(isExpected == Card.Receive(Frame(100, 1, destination)), $"{destination} with {filters}");
        ReadAll(nic, 8, endsAtNothing: false);
    }
}
