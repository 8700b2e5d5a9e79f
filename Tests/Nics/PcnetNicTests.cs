using System;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

public sealed class PcnetNicTests : DmaNicContractTests<SimulatedPcnet>
{
    private const ushort First = 0x0200;
    private const ushort Last = 0x0100;
    private const ushort Error = 0x4000;

    protected override int TransmitSlots => 64;

    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 0);

    protected override bool ReachesAllMemory => false;

    [Theory]
    [InlineData(0x0262_1003, "AMD Am79C970A PCnet-PCI II")]
    [InlineData(0x0262_5003, "AMD Am79C973 PCnet-FAST III")]
    [InlineData(0x0243_0003, "AMD PCnet")]
    public void EachChip_SendsAndReceives(uint chipId, string name)
    {
        Nic nic = Start(new SimulatedPcnet(chipId: chipId));
        Assert.Equal(name, nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        AssertWorks(nic, 1);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    public void EitherMode_ThatTheChipIsFoundIn_Works(bool isDoubleWord, bool resetKeepsIt, bool hasMemoryBar)
    {
        Nic nic = Start(new SimulatedPcnet(hasMemoryBar: hasMemoryBar) { IsDoubleWord = isDoubleWord, ResetKeepsDoubleWords = resetKeepsIt });
        AssertWorks(nic, 1);
        nic.Quiesce();
        Assert.Equal(resetKeepsIt, Card.IsDoubleWord);
        Assert.True(nic.Open(Own).IsSuccess);
        nic.SetFilter(Unicast, default);
        AssertWorks(nic, 2);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Open_OfAChipThatDoesNotInitialize_FailsInTime(bool neverInitializes, bool hasNoStyle2)
    {
        Use(new SimulatedPcnet { NeverInitializes = neverInitializes, HasNoStyle2 = hasNoStyle2 });
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Create().Open(Own));
        Assert.InRange(DeviceFirmware.Waited, 0UL, 200_000UL);
        Assert.False(Card.IsReceiving);
    }

    [Fact]
    public void Open_MasksInterruptsAndPolling()
    {
        Start();
        Assert.Equal(0x5F40, Card.Csr(3));
        Assert.Equal(0x1915, Card.Csr(4));
        Assert.Equal(0, Card.Csr(0) & 0x40);
    }

    [Fact]
    public void Receive_HoldsAsManyFramesAsTheRing_AndCountsTheMissed()
    {
        Nic nic = Start();
        int held = 0;
        while (held < 1000 && Card.Receive(Frame(60, held)))
        {
            held++;
        }

        Assert.Equal(nic.ReceiveRingSize, held);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.Equal(1UL, nic.ReceiveErrors);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }

        Assert.True(nic.Peek().IsEmpty);
        AssertWorks(nic, 1);
    }

    [Fact]
    public void ReceiveErrors_CountOverTheMissedCountersWrap()
    {
        Nic nic = Start();
        Card.Csr(112) = 0xFFF0;
        Assert.Equal(0xFFF0UL, nic.ReceiveErrors);
        Card.Csr(112) = 0x0005;
        Assert.Equal(0x10005UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(First | Last | Error | 0x0800, 100)] // CRC
    [InlineData(First | Error | 0x1400, 0)] // overflow and buffer
    [InlineData(First | Last | Error, 0)]
    [InlineData(First | Last, 17)]
    [InlineData(First | Last, 1523)]
    [InlineData(First | Last, 4095)]
    [InlineData(Last, 100)]
    public void Receive_OfABadFrame_IsCountedAndSkipped(int status, int count)
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1), (ushort)status, count);
        AssertGoesOn(nic, errors: 1);
    }

    [Theory]
    [InlineData(Nic.MinimumFrameSize)]
    [InlineData(Nic.MaximumFrameSize)]
    public void Receive_StripsTheFcs(int length)
    {
        Nic nic = Start();
        Card.Receive(Frame(length, 1));
        Assert.Equal(Frame(length, 1), nic.Peek().ToArray());
    }

    [Fact]
    public void Receive_OfAFrameInSeveralDescriptors_IsCountedOnceAndSkipped()
    {
        Nic nic = Start();
        Card.Receive(Frame(1000, 1), First, 0);
        Assert.True(nic.Peek().IsEmpty);
        Card.Receive(Frame(1000, 1), 0, 0);
        Assert.True(nic.Peek().IsEmpty);
        Card.Receive(Frame(1000, 1), Last, 3000);
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_OfADescriptorHandedOverBeforeItIsWritten_WaitsForTheRest()
    {
        Nic nic = Start();
        for (int i = 0; i < 600; i++)
        {
            Assert.True(Card.Begin(Frame(100, i)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.True(nic.Peek().IsEmpty);
            Card.Finish(First | Last, 104);
            Assert.Equal(Frame(100, i), nic.Peek().ToArray());
            nic.Release();
        }

        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(255)]
    public void Receive_WhenTheChipPassesDescriptorsOver_FollowsIt(int count)
    {
        Nic nic = Start();
        AssertWorks(nic, 1);
        Card.PassOver(count);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(Card.Receive(Frame(100, i)));
            int polls = 0;
            while (nic.Peek().IsEmpty && polls < 256)
            {
                polls++;
            }

            Assert.Equal(Frame(100, i), nic.Peek().ToArray());
            Assert.True(i == 0 || polls == 0);
            nic.Release();
        }

        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Filter_KeepsTheFramesReceivedAndThePlaceInBothRings()
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1));
        nic.SetFilter(Promiscuous, default);
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        nic.SetFilter(Unicast, default);
        Card.Receive(Frame(100, 2, Moved));
        Assert.Equal(1, Card.Starts);
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(100, 2, Moved), nic.Peek().ToArray());
        Assert.False(Card.Receive(Frame(100, 1)));
    }

    [Fact]
    public void Filter_ThatDoesNotChange_TouchesNoRegister()
    {
        Nic nic = Start();
        Card.RegisterWrites = 0;
        nic.SetFilter(Unicast | Broadcast, default);
        nic.SetStation(Own);
        Assert.Equal(0, Card.RegisterWrites);
    }

    [Fact]
    public void Filter_OfAChipThatDoesNotSuspend_StartsItAnewInTime()
    {
        Nic nic = Start(new SimulatedPcnet { NeverSuspends = true });
        AssertWorks(nic, 1);
        ulong before = DeviceFirmware.Waited;
        nic.SetFilter(Promiscuous, default);
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 100_000UL);
        AssertWorks(nic, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_OfAChipThatDoesNotComeBack_LeavesTheNicAsClosedUntilItIsOpened(bool neverResets)
    {
        Nic nic = Start(new SimulatedPcnet { NeverSuspends = true });
        Assert.True(Card.Receive(Frame(100, 1)));
        Card.NeverResets = neverResets;
        Card.NeverInitializes = true;
        nic.SetFilter(Promiscuous, default);
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Assert.Equal(0UL, nic.ReceiveErrors);
        Card.NeverResets = false;
        Card.NeverInitializes = false;
        Assert.True(nic.Open(Own).IsSuccess);
        nic.SetFilter(Unicast, default);
        Assert.True(nic.IsLinkUp());
        AssertWorks(nic, 2);
    }

    [Fact]
    public void Link_IsTheLinkLed()
    {
        Card.Bcr(4) = 0x0011; // Somebody had it show something else.
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        Card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
    }

    [Fact]
    public void Close_LeavesTheChipStoppedAndItsLinkKnown()
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1));
        nic.Close();
        Assert.Equal(4, Card.Csr(0));
        Assert.False(Card.Receive(Frame(100, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(nic.IsLinkUp());
        Assert.Equal(1, Card.MappingCount);
    }

    [Fact]
    public void RandomDescriptors_NeverFault()
    {
        Nic nic = Start();
        Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            Random random = new((first.Length * 31) + second.Length);
            for (int i = 0; i < 256; i++)
            {
                Span<byte> descriptor = Card.ReceiveDescriptor(i);
                random.NextBytes(descriptor);
                first.AsSpan(0, Math.Min(first.Length, 16)).CopyTo(descriptor);
                second.AsSpan(0, Math.Min(second.Length, 8)).CopyTo(descriptor[4..]);
            }

            ReadAll(nic, 600, endsAtNothing: false);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void DescriptorsThatAreAllDone_DoNotHoldPeekForEver()
    {
        Nic nic = Start();
        for (int i = 0; i < 256; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Card.ReceiveDescriptor(i)[4..], 0);
        }

        Assert.True(nic.Peek().IsEmpty);
        AssertWorks(nic, 1);
    }

    protected override SimulatedPcnet CreateCard(string address) => new(address);

    protected override Driver NewDriver() => new PcnetDriver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => PcnetNic.Create(device, out status);
}
