using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

public sealed unsafe class VirtioNetNicTests : DmaNicContractTests<SimulatedVirtioNet>
{
    protected override int TransmitSlots => 64;

    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 100);

    protected override bool ReachesAllMemory => true;

    protected override bool MakesAddressUp => true;

    protected override bool IsPromiscuousWhenMoved => true;

    protected override bool CountsWhatFindsNoRoom => false;

    protected override EFI_STATUS RemovedStatus => EFI_STATUS.EFI_UNSUPPORTED;

    public enum Kind
    {
        Modern,
        Transitional,
        Legacy,
        LegacyWithoutAnyLayout,
    }

    [Theory]
    [InlineData(Kind.Modern, "Virtio network adapter", 12)]
    [InlineData(Kind.Transitional, "Virtio network adapter", 12)]
    [InlineData(Kind.Legacy, "Virtio network adapter (legacy)", 10)]
    [InlineData(Kind.LegacyWithoutAnyLayout, "Virtio network adapter (legacy)", 10)]
    public void EachKind_SendsAndReceives(Kind kind, string name, int headerSize)
    {
        Nic nic = Start(Make(kind));
        Assert.Equal(name, nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.Equal(headerSize, Card.HeaderSize);
        Assert.Equal(1500, nic.Mtu);
        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = Frame(60 + i, i);
            Assert.True(nic.TryTransmit(frame));
            Assert.Equal(frame, Card.Sent[i]);
            Assert.True(Card.Receive(frame));
            Assert.Equal(frame, nic.Peek().ToArray());
            Assert.Equal(frame, nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Features_AreWhatBothSidesHave()
    {
        Use(new SimulatedVirtioNet());
        Card.Features |= SimulatedVirtioNet.FeatureAccessPlatform | (1UL << 15) | (1UL << 29) | (1UL << 34) | 1;
        Start();
        Assert.NotEqual(0UL, Card.DriverFeatures & SimulatedVirtioNet.FeatureAccessPlatform);
        Assert.Equal(0UL, Card.DriverFeatures & ((1UL << 15) | (1UL << 29) | (1UL << 34) | 1));
        Assert.Equal(15, Card.Status);
    }

    [Fact]
    public void Create_WhenTheDeviceRefusesTheFeatures_Fails()
    {
        Card.RefusesFeatures = true;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.Equal(128, Card.Status & 128);
    }

    [Fact]
    public void Create_WhenAModernDeviceIsNotOne_Fails()
    {
        Card.Features &= ~SimulatedVirtioNet.FeatureVersion1;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Theory]
    [InlineData(Kind.Modern, 32768, 256)]
    [InlineData(Kind.Modern, 300, 256)]
    [InlineData(Kind.Modern, 100, 64)]
    [InlineData(Kind.Modern, 1, 1)]
    [InlineData(Kind.Legacy, 1024, 256)]
    [InlineData(Kind.Legacy, 16, 16)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 256, 128)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 2, 1)]
    public void QueueSize_IsWhatTheDeviceTakes(Kind kind, int offered, int slots)
    {
        SimulatedVirtioNet card = Make(kind);
        card.QueueSize = offered;
        Nic nic = Start(card);
        Assert.Equal(slots, nic.ReceiveRingSize);
        for (int i = 0; i < 3 * slots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
            Assert.True(Card.Receive(Frame(60, i)));
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }
    }

    [Theory]
    [InlineData(Kind.Modern, 0)]
    [InlineData(Kind.Legacy, 0)]
    [InlineData(Kind.Legacy, 100)]
    [InlineData(Kind.Legacy, 65535)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 1)]
    public void Create_WithAQueueOfNoUse_Fails(Kind kind, int offered)
    {
        Use(Make(kind));
        Card.QueueSize = offered;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Theory]
    [InlineData(1450, 1450)]
    [InlineData(9000, 1500)]
    [InlineData(0, 1500)]
    public void Mtu_IsTheDevicesWhenItIsSmaller(int said, int expected)
    {
        Card.Features |= SimulatedVirtioNet.FeatureMtu;
        Card.Mtu = (ushort)said;
        Assert.Equal(expected, Start().Mtu);
    }

    [Theory]
    [InlineData(1500, true)]
    [InlineData(1501, false)]
    [InlineData(9000, false)]
    public void Mtu_IsAcceptedOnlyWithBuffersForIt(int said, bool expected)
    {
        Card.Features |= SimulatedVirtioNet.FeatureMtu;
        Card.Mtu = (ushort)said;
        Start();
        Assert.Equal(expected, (Card.DriverFeatures & SimulatedVirtioNet.FeatureMtu) != 0);
    }

    [Theory]
    [InlineData(Kind.Modern)]
    [InlineData(Kind.Transitional)]
    public void Device_ThatNeedsAReset_GetsOneAndGoesOnAsBefore(Kind kind)
    {
        Nic nic = Start(Make(kind));
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        nic.SetFilter(Unicast | Multicast, Groups);
        string[] filter = LastCommands(3);
        Card.Break();
        Assert.False(Card.Receive(Frame(100, 1)));
        Assert.True(nic.IsLinkUp());
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.Equal(15, Card.Status);
        Assert.Equal(filter, LastCommands(3));
        AssertWorks(nic, 1);
    }

    [Fact]
    public void Device_ThatNeedsAResetAndDoesNotComeOutOfIt_HasNoLink()
    {
        Nic nic = Start();
        Card.Break();
        Card.NeverResets = true;
        Assert.False(nic.IsLinkUp());
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Card.NeverResets = false;
        Assert.True(nic.Open(Own).IsSuccess);
        AssertWorks(nic, 1);
    }

    [Fact]
    public void Address_ThatTheDeviceDoesNotHave_IsMadeUp()
    {
        Card.Features &= ~SimulatedVirtioNet.FeatureMac;
        Nic nic = Start();
        Assert.True(nic.PermanentAddress.IsStation);
        Assert.Equal(2UL, nic.PermanentAddress.Value & 2);
    }

    [Fact]
    public void Registers_BehindAWideBarThatFirmwareCountsOnce_AreFound()
    {
        Use(new SimulatedVirtioNet(modernBar: 2) { BarOfIndex = [0, 2, -1, -1, -1, -1] });
        BinaryPrimitives.WriteUInt32LittleEndian(Card.Config.AsSpan(0x10), 0x9000_0004);
        Start();
    }

    [Fact]
    public void Capabilities_ThatLie_AreNotFollowed()
    {
        Prop.ForAll<byte, byte>((at, value) =>
        {
            using SimulatedVirtioNet card = new();
            card.Config[0x40 + (at % 0x34)] = value;
            card.Faults.Clear();
            PciDevice device = new(card.Protocol);
            VirtioNetNic? nic = VirtioNetNic.Create(device, out EFI_STATUS status);
            Assert.Equal(status.IsSuccess, nic is not null);
            if (nic is not null)
            {
                nic.Open(Own);
                nic.TryTransmit(Frame(60, 1));
                nic.Peek();
                nic.Dispose();
            }

            device.RestoreAttributes();
            Assert.Equal(0, card.AllocationCount);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Transmit_WhileTheDeviceWantsNoNotification_CostsNone()
    {
        Nic nic = Start();
        Card.SuppressesNotifications[1] = true;
        nic.TryTransmit(Frame(60, 0));
        Card.RegisterWrites = 0;
        for (int i = 1; i < 60; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Assert.Equal(0, Card.RegisterWrites);
        Assert.Equal(59, Card.Queues[1].CountAvailable(Card));
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_WaitsForTheDevice()
    {
        Nic nic = Start();
        Card.TransmitterHangs = true;
        for (int i = 0; i < 64; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Assert.False(nic.TryTransmit(Frame(60, 64)));
        Card.CompleteTransmitted(Card.Queues[1].Held.ToArray().Reverse());
        for (int i = 64; i < 128; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Assert.False(nic.TryTransmit(Frame(60, 128)));
        Assert.Equal(Enumerable.Range(0, 128).Select(i => Frame(60, i)), Card.Sent);
    }

    [Fact]
    public void Transmit_WhenTheDeviceReturnsWhatItNeverHad_LosesNothing()
    {
        Nic nic = Start();
        Card.TransmitterHangs = true;
        for (int i = 0; i < 64; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Card.CompleteTransmitted([5, 5, 64, 65535]);
        Assert.True(nic.TryTransmit(Frame(60, 100)));
        Assert.False(nic.TryTransmit(Frame(60, 101)));
    }

    [Fact]
    public void Receive_WhileTheDeviceHasBuffers_CostsNoRegister()
    {
        Nic nic = Start();
        Card.SuppressesNotifications[0] = true;
        nic.TryTransmit(Frame(60, 0)); // Lets the model write its flags.
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        for (int i = 0; i < 3200; i++)
        {
            Assert.True(Card.Receive(Frame(1514, i)));
            Assert.Equal(1514, nic.Peek().Length);
            nic.Release();
        }

        Assert.Equal(0, Card.RegisterReads + Card.RegisterWrites);
    }

    [Fact]
    public void Receive_WhenTheRingRanDry_NotifiesOnceIn32Frames()
    {
        Nic nic = Start();
        int held = 0;
        while (Card.Receive(Frame(60, held)))
        {
            held++;
        }

        Assert.Equal(256, held);
        Card.RegisterWrites = 0;
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }

        Assert.Equal(8, Card.RegisterWrites);
        Assert.True(Card.Receive(Frame(60, 1)));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(12u)]
    [InlineData(25u)]
    [InlineData(1531u)]
    [InlineData(65536u)]
    [InlineData(uint.MaxValue)]
    public void Receive_OfALyingLength_IsCountedAndSkipped(uint length)
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1), length);
        AssertGoesOn(nic, errors: 1);
    }

    [Theory]
    [InlineData(Kind.Modern, 256u)]
    [InlineData(Kind.Modern, uint.MaxValue)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 1u)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 256u)]
    public void Receive_OfAWrongBuffer_IsCountedAndSkipped(Kind kind, uint id)
    {
        Nic nic = Start(Make(kind));
        Card.Receive(Frame(100, 1), id: id);
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_OfTheSameBufferTwice_IsTakenOnce()
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1), id: 0);
        Card.Receive(Frame(100, 2), id: 0);
        Assert.False(nic.Peek().IsEmpty);
        Card.Queues[0].Return(Card, 0, 100);
        nic.Release();
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(257)]
    [InlineData(1000)]
    [InlineData(-1)]
    public void Ring_WhoseIndexJumps_IsDeadUntilOpenedAgain(int by)
    {
        Nic nic = Start();
        Card.Queues[0].JumpUsedIndex(Card, by);
        Assert.True(nic.Peek().IsEmpty);
        Card.Queues[0].JumpUsedIndex(Card, -by);
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.IsLinkUp());
        Assert.True(Card.Receive(Frame(100, 1)));
        Assert.Equal(100, nic.Peek().Length);
    }

    [Fact]
    public void TransmitRing_WhoseIndexJumps_IsDead()
    {
        Nic nic = Start();
        for (int i = 0; i < 64; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Card.Queues[1].JumpUsedIndex(Card, 1000);
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.False(nic.IsLinkUp());
    }

    [Fact]
    public void Filter_IsToldToTheDevice()
    {
        Nic nic = Start();
        Assert.Equal(["0100" + "00000000" + "00000000", "000100", "000000"], LastCommands(3));
        nic.SetFilter(Multicast | PromiscuousMulticast, [new MacAddress(Convert.FromHexString("01005E7FFFFA"))]);
        Assert.Equal(["0100" + "00000000" + "01000000" + "01005E7FFFFA", "000101", "000000"], LastCommands(3));
        nic.SetFilter(Promiscuous, default);
        Assert.Equal(["000001"], LastCommands(1));
    }

    [Fact]
    public void Filter_ThatTheDeviceRefuses_MakesItPromiscuous()
    {
        Nic nic = Start();
        Card.RefusesControl = true;
        nic.SetFilter(Unicast, default);
        Assert.Equal(["000001"], LastCommands(1));
    }

    [Fact]
    public void Control_ThatIsNotAnswered_IsAskedNoMore()
    {
        Card.IgnoresControl = true;
        Nic nic = Start();
        ulong waited = DeviceFirmware.Waited;
        Assert.InRange(waited, 1UL, 300_000UL);
        nic.SetFilter(Promiscuous, default);
        Assert.Equal(waited, DeviceFirmware.Waited);
    }

    [Fact]
    public void Station_OtherThanTheDevices_IsReceivedPromiscuously()
    {
        Nic nic = Start();
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        Assert.Equal(["000001"], LastCommands(1));
        nic.SetFilter(Unicast, default);
        Assert.Equal(["000001"], LastCommands(1));
        nic.SetStation(Own);
        Assert.Equal(["000000"], LastCommands(1));
    }

    [Fact]
    public void Device_WithoutControlQueue_Works()
    {
        Card.Features &= ~(SimulatedVirtioNet.FeatureControlQueue | SimulatedVirtioNet.FeatureControlReceive);
        Nic nic = Start();
        nic.SetFilter(Promiscuous, default);
        Assert.Empty(Card.Commands);
    }

    [Fact]
    public void Link_OfADeviceThatDoesNotSay_IsUp()
    {
        Card.Features &= ~SimulatedVirtioNet.FeatureStatus;
        Nic nic = Start();
        Assert.False(nic.ReportsLink);
        Assert.True(nic.IsLinkUp());
    }

    [Theory]
    [InlineData(Kind.Modern)]
    [InlineData(Kind.Legacy)]
    public void Close_ResetsTheDevice(Kind kind)
    {
        Nic nic = Start(Make(kind));
        Card.Receive(Frame(100, 1));
        nic.Close();
        Assert.Equal(0, Card.Status);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1, Card.MappingCount);
    }

    [Fact]
    public void RandomUsedRings_NeverFault()
    {
        Nic nic = Start();
        Prop.ForAll<int, ushort>((seed, index) =>
        {
            Random random = new(seed);
            for (int queue = 0; queue < 2; queue++)
            {
                Span<byte> used = Card.Dma(Card.Queues[queue].Used, 4 + (8 * Card.Queues[queue].Size));
                for (int i = 4; i < used.Length; i += 4)
                {
                    uint value = (uint)random.Next(0, random.Next(2) == 0 ? 300 : int.MaxValue);
                    BinaryPrimitives.WriteUInt32LittleEndian(used[i..], value);
                }

                BinaryPrimitives.WriteUInt16LittleEndian(used[2..], random.Next(2) == 0 ? (ushort)random.Next(0, 260) : index);
            }

            for (int i = 0; i < 300; i++)
            {
                nic.TryTransmit(Frame(60, i));
                ReadOnlySpan<byte> frame = nic.Peek();
                if (!frame.IsEmpty)
                {
                    Assert.InRange(frame.Length, Nic.MinimumFrameSize, Nic.MaximumFrameSize);
                    nic.Release();
                }
            }

            Assert.True(nic.Open(Own).IsSuccess);
        }).QuickCheckThrowOnFailure();
    }

    private static SimulatedVirtioNet Make(Kind kind)
    {
        SimulatedVirtioNet card = kind switch
        {
            Kind.Modern => new SimulatedVirtioNet(),
            Kind.Transitional => new SimulatedVirtioNet(legacy: true),
            _ => new SimulatedVirtioNet(modern: false, legacy: true),
        };
        if (kind == Kind.LegacyWithoutAnyLayout)
        {
            card.Features &= ~SimulatedVirtioNet.FeatureAnyLayout;
        }

        return card;
    }

    private string[] LastCommands(int count) => [.. Card.Commands.TakeLast(count).Select(Convert.ToHexString)];

    protected override SimulatedVirtioNet CreateCard(string address) => new(address: address);

    protected override Driver NewDriver() => new VirtioNetDriver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => VirtioNetNic.Create(device, out status);

    /// <summary>The filter is the host's, and the model has none.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) => true;
}
