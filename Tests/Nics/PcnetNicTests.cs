using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.Pcnet;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class PcnetNicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;
    private const ushort Start = 0x0200;
    private const ushort End = 0x0100;
    private const ushort Error = 0x4000;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private SimulatedPcnet _card = new();
    private Nic? _nic;

    public PcnetNicTests() => DeviceFirmware.Start();

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
    [InlineData(0x0262_1003, "AMD Am79C970A PCnet-PCI II")]
    [InlineData(0x0262_5003, "AMD Am79C973 PCnet-FAST III")]
    [InlineData(0x0243_0003, "AMD PCnet")]
    public void EachChip_SendsAndReceives(uint chipId, string name)
    {
        Nic nic = Open(new SimulatedPcnet(chipId: chipId));
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
        Nic nic = Open(new SimulatedPcnet(hasMemoryBar: hasMemoryBar) { IsDoubleWord = isDoubleWord, ResetKeepsDoubleWords = resetKeepsIt });
        AssertWorks(nic, 1);
        nic.Quiesce();
        Assert.Equal(resetKeepsIt, _card.IsDoubleWord);
        Assert.True(nic.Open(Own).IsSuccess);
        nic.SetFilter(Unicast, default);
        AssertWorks(nic, 2);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("FFFFFFFFFFFF")]
    [InlineData("015400123456")]
    public void Create_WithoutAnAddress_Fails(string address) =>
        AssertCreateFails(new SimulatedPcnet(address), EFI_STATUS.EFI_DEVICE_ERROR);

    [Fact]
    public void Create_OfAChipThatDoesNotStop_Fails() =>
        AssertCreateFails(new SimulatedPcnet { NeverStops = true }, EFI_STATUS.EFI_DEVICE_ERROR);

    [Fact]
    public void Create_OfARemovedCard_FailsAtOnce()
    {
        AssertCreateFails(new SimulatedPcnet { IsRemoved = true }, EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 10_000UL);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_Fails() =>
        AssertCreateFails(new SimulatedPcnet { AllocationsLeft = 0 }, EFI_STATUS.EFI_OUT_OF_RESOURCES);

    [Fact]
    public void Create_WithMemoryThat32BitsDoNotReach_FailsAndGivesItBack() =>
        AssertCreateFails(new SimulatedPcnet { MapsHigh = true }, EFI_STATUS.EFI_OUT_OF_RESOURCES);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Open_OfAChipThatDoesNotInitialize_FailsInTime(bool neverInitializes, bool hasNoStyle2)
    {
        _nic = Create(new SimulatedPcnet { NeverInitializes = neverInitializes, HasNoStyle2 = hasNoStyle2 });
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _nic.Open(Own));
        Assert.InRange(DeviceFirmware.Waited, 0UL, 200_000UL);
        Assert.False(_card.IsReceiving);
    }

    [Fact]
    public void Open_MasksInterruptsAndPolling()
    {
        Open();
        Assert.Equal(0x5F40, _card.Csr(3));
        Assert.Equal(0x1915, _card.Csr(4));
        Assert.Equal(0, _card.Csr(0) & 0x40);
    }

    [Fact]
    public void Transmit_CostsOneRegisterWriteAndNoRead()
    {
        Nic nic = Open();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.TryTransmit(Frame(14 + i, i)));
        }
        Assert.Equal(0, _card.RegisterReads);
        Assert.Equal(1000, _card.RegisterWrites);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => Frame(14 + i, i)), _card.Sent);
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_SaysSoAndDoesNotOverwrite()
    {
        Nic nic = Open();
        _card.TransmitterHangs = true;
        int sent = 0;
        while (sent < 1000 && nic.TryTransmit(Frame(60, sent)))
        {
            sent++;
        }
        Assert.Equal(64, sent);
        _card.TransmitterHangs = false;
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.TryTransmit(Frame(Nic.MaximumFrameSize, 5)));
        Assert.Equal(Frame(Nic.MaximumFrameSize, 5), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Receive_CostsNoRegisterAccess()
    {
        Nic nic = Open();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 3200; i++)
        {
            byte[] frame = Frame(60 + (i % 1400), i);
            Assert.True(_card.Receive(frame));
            Assert.Equal(frame, nic.Peek().ToArray());
            Assert.Equal(frame, nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(0, _card.RegisterReads + _card.RegisterWrites);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_HoldsAsManyFramesAsTheRing_AndCountsTheMissed()
    {
        Nic nic = Open();
        int held = 0;
        while (held < 1000 && _card.Receive(Frame(60, held)))
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
        Nic nic = Open();
        _card.Csr(112) = 0xFFF0;
        Assert.Equal(0xFFF0UL, nic.ReceiveErrors);
        _card.Csr(112) = 0x0005;
        Assert.Equal(0x10005UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(Start | End | Error | 0x0800, 100)] // CRC
    [InlineData(Start | Error | 0x1400, 0)] // overflow and buffer
    [InlineData(Start | End | Error, 0)]
    [InlineData(Start | End, 17)]
    [InlineData(Start | End, 1523)]
    [InlineData(Start | End, 4095)]
    [InlineData(End, 100)]
    public void Receive_OfABadFrame_IsCountedAndSkipped(int status, int count)
    {
        Nic nic = Open();
        _card.Receive(Frame(100, 1), (ushort)status, count);
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(Nic.MinimumFrameSize)]
    [InlineData(Nic.MaximumFrameSize)]
    public void Receive_StripsTheFcs(int length)
    {
        Nic nic = Open();
        _card.Receive(Frame(length, 1));
        Assert.Equal(Frame(length, 1), nic.Peek().ToArray());
    }

    [Fact]
    public void Receive_OfAFrameInSeveralDescriptors_IsCountedOnceAndSkipped()
    {
        Nic nic = Open();
        _card.Receive(Frame(1000, 1), Start, 0);
        Assert.True(nic.Peek().IsEmpty);
        _card.Receive(Frame(1000, 1), 0, 0);
        Assert.True(nic.Peek().IsEmpty);
        _card.Receive(Frame(1000, 1), End, 3000);
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfADescriptorHandedOverBeforeItIsWritten_WaitsForTheRest()
    {
        Nic nic = Open();
        for (int i = 0; i < 600; i++)
        {
            Assert.True(_card.Begin(Frame(100, i)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.True(nic.Peek().IsEmpty);
            _card.Finish(Start | End, 104);
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
        Nic nic = Open();
        AssertWorks(nic, 1);
        _card.PassOver(count);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(_card.Receive(Frame(100, i)));
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
    public void Open_ReceivesNothing()
    {
        _nic = Create();
        Assert.True(_nic.Open(Own).IsSuccess);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.False(_card.Receive(Frame(100, 1, "01005E000001")));
        Assert.False(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_LetsThroughWhatItIsSetTo(bool neverSuspends)
    {
        Nic nic = Open(new SimulatedPcnet { NeverSuspends = neverSuspends });
        MacAddress[] group = [new(Convert.FromHexString("01005E7FFFFA")), new(Convert.FromHexString("333300000001"))];
        nic.SetFilter(Unicast | Multicast, group);
        Assert.True(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
        Assert.True(_card.Receive(Frame(100, 1, "333300000001")));
        Assert.False(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));
        Assert.False(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));

        nic.SetFilter(Broadcast | PromiscuousMulticast, group);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.True(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));

        nic.SetFilter(Promiscuous, default);
        Assert.True(_card.Receive(Frame(100, 1, "525400000000")));

        nic.SetFilter(0, default);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.False(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
    }

    [Fact]
    public void Filter_KeepsTheFramesReceivedAndThePlaceInBothRings()
    {
        Nic nic = Open();
        _card.Receive(Frame(100, 1));
        nic.SetFilter(Promiscuous, default);
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        nic.SetFilter(Unicast, default);
        _card.Receive(Frame(100, 2, "020000000001"));
        Assert.Equal(1, _card.Starts);
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(100, 2, "020000000001"), nic.Peek().ToArray());
        Assert.False(_card.Receive(Frame(100, 1)));
    }

    [Fact]
    public void Filter_ThatDoesNotChange_TouchesNoRegister()
    {
        Nic nic = Open();
        _card.RegisterWrites = 0;
        nic.SetFilter(Unicast | Broadcast, default);
        nic.SetStation(Own);
        Assert.Equal(0, _card.RegisterWrites);
    }

    [Fact]
    public void Filter_OfAChipThatDoesNotSuspend_StartsItAnewInTime()
    {
        Nic nic = Open(new SimulatedPcnet { NeverSuspends = true });
        AssertWorks(nic, 1);
        ulong before = DeviceFirmware.Waited;
        nic.SetFilter(Promiscuous, default);
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 100_000UL);
        AssertWorks(nic, 2);
    }

    [Fact]
    public void Link_IsTheLinkLed()
    {
        _card.Bcr(4) = 0x0011; // Somebody had it show something else.
        Nic nic = Open();
        Assert.True(nic.IsLinkUp());
        _card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        AssertWorks(nic, 1);
        _card.IsRemoved = true;
        Assert.False(nic.IsLinkUp());
    }

    [Fact]
    public void Close_StopsTheChip()
    {
        Nic nic = Open();
        _card.Receive(Frame(100, 1));
        nic.Close();
        Assert.Equal(4, _card.Csr(0));
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(nic.IsLinkUp());
        Assert.Equal(1, _card.MappingCount);
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Open();
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.True(nic.Open(Own).IsSuccess);
            nic.SetFilter(Unicast, default);
            AssertWorks(nic, i);
        }
        Assert.Equal(1, _card.AllocationCount);
    }

    [Fact]
    public void RemovedCard_IsHarmless()
    {
        Nic nic = Open();
        _card.Receive(Frame(100, 1));
        _card.IsRemoved = true;
        Assert.Equal(100, nic.Peek().Length);
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
    public void RandomDescriptors_NeverFault()
    {
        Nic nic = Open();
        Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            Random random = new((first.Length * 31) + second.Length);
            for (int i = 0; i < 256; i++)
            {
                Span<byte> descriptor = _card.ReceiveDescriptor(i);
                random.NextBytes(descriptor);
                first.AsSpan(0, Math.Min(first.Length, 16)).CopyTo(descriptor);
                second.AsSpan(0, Math.Min(second.Length, 8)).CopyTo(descriptor[4..]);
            }
            for (int i = 0; i < 600; i++)
            {
                ReadOnlySpan<byte> frame = nic.Peek();
                if (frame.IsEmpty)
                {
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
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void DescriptorsThatAreAllDone_DoNotHoldPeekForEver()
    {
        Nic nic = Open();
        for (int i = 0; i < 256; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_card.ReceiveDescriptor(i)[4..], 0);
        }
        Assert.True(nic.Peek().IsEmpty);
        AssertWorks(nic, 1);
    }

    private static byte[] Frame(int length, int seed, string destination = "525400123456")
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Convert.FromHexString(destination).CopyTo(frame, 0);
        return frame;
    }

    private void AssertWorks(Nic nic, int seed)
    {
        _card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(100, seed)));
        Assert.Equal(Frame(100, seed), Assert.Single(_card.Sent));
        Assert.True(_card.Receive(Frame(200, seed)));
        for (int i = 0; i < 256 && nic.Peek().IsEmpty; i++)
        {
        }
        Assert.Equal(Frame(200, seed), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    private void Use(SimulatedPcnet? card)
    {
        if (card is not null)
        {
            _card.Dispose();
            _card = card;
        }
    }

    private Nic Open(SimulatedPcnet? card = null)
    {
        _nic = Create(card);
        Assert.True(_nic.Open(Own).IsSuccess);
        _nic.SetFilter(Unicast | Broadcast, default);
        return _nic;
    }

    private Nic Create(SimulatedPcnet? card = null)
    {
        Use(card);
        Nic? nic = PcnetNic.Create(new PciDevice(_card.Protocol), out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        return nic!;
    }

    private void AssertCreateFails(SimulatedPcnet card, EFI_STATUS expected)
    {
        Use(card);
        PciDevice device = new(_card.Protocol);
        Assert.Null(PcnetNic.Create(device, out EFI_STATUS status));
        Assert.Equal(expected, status);
        device.RestoreAttributes();
    }
}
