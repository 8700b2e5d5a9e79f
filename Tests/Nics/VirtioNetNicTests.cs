using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.VirtioNet;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class VirtioNetNicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private SimulatedVirtioNet _card = new();
    private Nic? _nic;

    public VirtioNetNicTests() => DeviceFirmware.Start();

    public void Dispose()
    {
        _nic?.Dispose();
        Assert.Empty(_card.Faults);
        Assert.Equal(0, _card.AllocationCount);
        Assert.Equal(0, _card.MappingCount);
        Assert.Equal(0UL, _card.Attributes);
        Assert.Equal(0, DeviceFirmware.PoolCount);
        _card.Dispose();
    }

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
        Assert.Equal(headerSize, _card.HeaderSize);
        Assert.Equal(1500, nic.Mtu);
        for (int i = 0; i < 1000; i++)
        {
            byte[] frame = Frame(60 + i, i);
            Assert.True(nic.TryTransmit(frame));
            Assert.Equal(frame, _card.Sent[i]);
            Assert.True(_card.Receive(frame));
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
        _card.Features |= SimulatedVirtioNet.FeatureAccessPlatform | (1UL << 15) | (1UL << 29) | (1UL << 34) | 1;
        Start();
        Assert.NotEqual(0UL, _card.DriverFeatures & SimulatedVirtioNet.FeatureAccessPlatform);
        Assert.Equal(0UL, _card.DriverFeatures & ((1UL << 15) | (1UL << 29) | (1UL << 34) | 1));
        Assert.Equal(15, _card.Status);
    }

    [Fact]
    public void Create_WhenTheDeviceRefusesTheFeatures_Fails()
    {
        _card.RefusesFeatures = true;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.Equal(128, _card.Status & 128);
    }

    [Fact]
    public void Create_WhenAModernDeviceIsNotOne_Fails()
    {
        _card.Features &= ~SimulatedVirtioNet.FeatureVersion1;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Fact]
    public void Create_WhenTheResetNeverEnds_FailsInTime()
    {
        _card.NeverResets = true;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
        Assert.InRange(DeviceFirmware.Waited, 1UL, 600_000UL);
    }

    [Fact]
    public void Create_OfARemovedCard_Fails()
    {
        _card.IsRemoved = true;
        AssertCreateFails(EFI_STATUS.EFI_UNSUPPORTED);
        Assert.Equal(0UL, DeviceFirmware.Waited);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_Fails()
    {
        _card.AllocationsLeft = 0;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
        Assert.Equal(0, _card.Status);
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
            Assert.True(_card.Receive(Frame(60, i)));
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
        _card.QueueSize = offered;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Theory]
    [InlineData(1450, 1450)]
    [InlineData(9000, 1500)]
    [InlineData(0, 1500)]
    public void Mtu_IsTheDevicesWhenItIsSmaller(int said, int expected)
    {
        _card.Features |= SimulatedVirtioNet.FeatureMtu;
        _card.Mtu = (ushort)said;
        Assert.Equal(expected, Start().Mtu);
    }

    [Fact]
    public void Address_ThatTheDeviceDoesNotHave_IsMadeUp()
    {
        _card.Features &= ~SimulatedVirtioNet.FeatureMac;
        Nic nic = Start();
        Assert.False(nic.PermanentAddress.IsMulticast);
        Assert.Equal(2UL, nic.PermanentAddress.Value & 2);
    }

    [Fact]
    public void Registers_BehindAWideBarThatFirmwareCountsOnce_AreFound()
    {
        Use(new SimulatedVirtioNet(modernBar: 2) { BarOfIndex = [0, 2, -1, -1, -1, -1] });
        BinaryPrimitives.WriteUInt32LittleEndian(_card.Config.AsSpan(0x10), 0x9000_0004);
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
    public void Transmit_CostsOneNotificationAndNoRead()
    {
        Nic nic = Start();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 200; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.Equal(0, _card.RegisterReads);
        Assert.Equal(200, _card.RegisterWrites);
    }

    [Fact]
    public void Transmit_WhileTheDeviceWantsNoNotification_CostsNone()
    {
        Nic nic = Start();
        _card.SuppressesNotifications[1] = true;
        nic.TryTransmit(Frame(60, 0));
        _card.RegisterWrites = 0;
        for (int i = 1; i < 60; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.Equal(0, _card.RegisterWrites);
        Assert.Equal(59, _card.Queues[1].CountAvailable(_card));
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_WaitsForTheDevice()
    {
        Nic nic = Start();
        _card.HoldsTransmitted = true;
        for (int i = 0; i < 64; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.False(nic.TryTransmit(Frame(60, 64)));
        _card.CompleteTransmitted(_card.Queues[1].Held.ToArray().Reverse());
        for (int i = 64; i < 128; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.False(nic.TryTransmit(Frame(60, 128)));
        Assert.Equal(Enumerable.Range(0, 128).Select(i => Frame(60, i)), _card.Sent);
    }

    [Fact]
    public void Transmit_WhenTheDeviceReturnsWhatItNeverHad_LosesNothing()
    {
        Nic nic = Start();
        _card.HoldsTransmitted = true;
        for (int i = 0; i < 64; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }
        _card.CompleteTransmitted([5, 5, 64, 65535]);
        Assert.True(nic.TryTransmit(Frame(60, 100)));
        Assert.False(nic.TryTransmit(Frame(60, 101)));
    }

    [Fact]
    public void Receive_WhileTheDeviceHasBuffers_CostsNoRegister()
    {
        Nic nic = Start();
        _card.SuppressesNotifications[0] = true;
        nic.TryTransmit(Frame(60, 0)); // Lets the model write its flags.
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 3200; i++)
        {
            Assert.True(_card.Receive(Frame(1514, i)));
            Assert.Equal(1514, nic.Peek().Length);
            nic.Release();
        }
        Assert.Equal(0, _card.RegisterReads + _card.RegisterWrites);
    }

    [Fact]
    public void Receive_WhenTheRingRanDry_NotifiesOnceIn32Frames()
    {
        Nic nic = Start();
        int held = 0;
        while (_card.Receive(Frame(60, held)))
        {
            held++;
        }
        Assert.Equal(256, held);
        _card.RegisterWrites = 0;
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.Equal(8, _card.RegisterWrites);
        Assert.True(_card.Receive(Frame(60, 1)));
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
        _card.Receive(Frame(100, 1), length);
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(Kind.Modern, 256u)]
    [InlineData(Kind.Modern, uint.MaxValue)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 1u)]
    [InlineData(Kind.LegacyWithoutAnyLayout, 256u)]
    public void Receive_OfAWrongBuffer_IsCountedAndSkipped(Kind kind, uint id)
    {
        Nic nic = Start(Make(kind));
        _card.Receive(Frame(100, 1), id: id);
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfTheSameBufferTwice_IsTakenOnce()
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1), id: 0);
        _card.Receive(Frame(100, 2), id: 0);
        Assert.False(nic.Peek().IsEmpty);
        _card.Queues[0].Return(_card, 0, 100);
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
        _card.Queues[0].JumpUsedIndex(_card, by);
        Assert.True(nic.Peek().IsEmpty);
        _card.Queues[0].JumpUsedIndex(_card, -by);
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.IsLinkUp());
        Assert.True(_card.Receive(Frame(100, 1)));
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
        _card.Queues[1].JumpUsedIndex(_card, 1000);
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
        _card.RefusesControl = true;
        nic.SetFilter(Unicast, default);
        Assert.Equal(["000001"], LastCommands(1));
    }

    [Fact]
    public void Control_ThatIsNotAnswered_IsAskedNoMore()
    {
        _card.IgnoresControl = true;
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
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        Assert.Equal(["000001"], LastCommands(1));
        nic.SetFilter(Unicast, default);
        Assert.Equal(["000001"], LastCommands(1));
        nic.SetStation(Own);
        Assert.Equal(["000000"], LastCommands(1));
    }

    [Fact]
    public void Device_WithoutControlQueue_Works()
    {
        _card.Features &= ~(SimulatedVirtioNet.FeatureControlQueue | SimulatedVirtioNet.FeatureControlReceive);
        Nic nic = Start();
        nic.SetFilter(Promiscuous, default);
        Assert.Empty(_card.Commands);
    }

    [Fact]
    public void Link_IsTheDevicesStatus()
    {
        Nic nic = Start();
        Assert.True(nic.ReportsLink);
        Assert.True(nic.IsLinkUp());
        _card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        _card.IsLinkUp = true;
        _card.IsRemoved = true;
        Assert.False(nic.IsLinkUp());
    }

    [Fact]
    public void Link_OfADeviceThatDoesNotSay_IsUp()
    {
        _card.Features &= ~SimulatedVirtioNet.FeatureStatus;
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
        _card.Receive(Frame(100, 1));
        nic.Close();
        Assert.Equal(0, _card.Status);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1, _card.MappingCount);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_EndsInTimeAndBusMasteringGoesOffBeforeTheMemory()
    {
        Nic nic = Start();
        _card.NeverResets = true;
        nic.Dispose();
        _nic = null;
        Assert.InRange(DeviceFirmware.Waited, 1UL, 600_000UL);
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Start();
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.True(nic.Open(Own).IsSuccess);
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
        _card.IsRemoved = true;
        for (int i = 0; i < 100; i++)
        {
            nic.TryTransmit(Frame(60, i));
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 100_000UL);
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
                Span<byte> used = _card.Dma(_card.Queues[queue].Used, 4 + (8 * _card.Queues[queue].Size));
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

    private static byte[] Frame(int length, int seed)
    {
        byte[] frame = new byte[Math.Min(length, Nic.MaximumFrameSize)];
        new Random(seed).NextBytes(frame);
        Own.CopyTo(frame);
        return frame;
    }

    private string[] LastCommands(int count) => [.. _card.Commands.TakeLast(count).Select(Convert.ToHexString)];

    private void Use(SimulatedVirtioNet card)
    {
        _card.Dispose();
        _card = card;
    }

    private Nic Start(SimulatedVirtioNet? card = null)
    {
        if (card is not null)
        {
            Use(card);
        }
        _nic = VirtioNetNic.Create(new PciDevice(_card.Protocol), out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        Assert.True(_nic!.Open(_nic.PermanentAddress).IsSuccess);
        _nic.SetFilter(Unicast | Broadcast, default);
        return _nic;
    }

    private void AssertCreateFails(EFI_STATUS expected)
    {
        PciDevice device = new(_card.Protocol);
        Assert.Null(VirtioNetNic.Create(device, out EFI_STATUS status));
        Assert.Equal(expected, status);
        device.RestoreAttributes();
    }
}
