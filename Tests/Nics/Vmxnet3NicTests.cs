using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.Vmxnet3;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class Vmxnet3NicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private SimulatedVmxnet3 _card = new();
    private Nic? _nic;

    public Vmxnet3NicTests() => DeviceFirmware.Start();

    public void Dispose()
    {
        _nic?.Dispose();
        Assert.Empty(_card.Faults);
        Assert.False(_card.IsActive);
        Assert.Equal(0, _card.AllocationCount);
        Assert.Equal(0, _card.MappingCount);
        Assert.Equal(0UL, _card.Attributes);
        _card.Dispose();
    }

    [Fact]
    public void Nic_SendsAndReceives()
    {
        Nic nic = Start();
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.True(nic.TryTransmit(Frame(100, 1)));
        Assert.Equal(Frame(100, 1), Assert.Single(_card.Sent));
        Assert.True(_card.Receive(Frame(200, 2)));
        Assert.Equal(Frame(200, 2), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("015400123456")]
    public void Create_WithoutAnAddress_Fails(string address)
    {
        Use(new SimulatedVmxnet3(address));
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Fact]
    public void Create_WithoutRevision1_IsUnsupported()
    {
        Use(new SimulatedVmxnet3(revisions: 6));
        AssertCreateFails(EFI_STATUS.EFI_UNSUPPORTED);
    }

    [Fact]
    public void Create_OfARemovedCard_Fails()
    {
        _card.IsRemoved = true;
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_Fails()
    {
        _card.AllocationsLeft = 0;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
    }

    [Fact]
    public void Open_WhenTheDeviceRefuses_Fails()
    {
        Nic nic = Start();
        _card.RefusesToActivate = true;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, nic.Open(Own));
        Assert.True(nic.Peek().IsEmpty);
        _card.RefusesToActivate = false;
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Transmit_CostsARegisterWrite(bool inPairs)
    {
        Nic nic = Start();
        _card.CompletesInPairs = inPairs;
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60 + i, i)));
        }
        Assert.Equal(0, _card.RegisterReads);
        Assert.Equal(1000, _card.RegisterWrites);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => Frame(60 + i, i)), _card.Sent);
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_SaysSoAndDoesNotOverwrite()
    {
        Nic nic = Start();
        _card.TransmitterHangs = true;
        int sent = 0;
        while (sent < 1000 && nic.TryTransmit(Frame(60, sent)))
        {
            sent++;
        }
        Assert.InRange(sent, 32, 64);
        Assert.False(nic.TryTransmit(Frame(60, 9)));
        for (uint i = 0; i < 70; i++)
        {
            _card.CompleteTransmit(i * 977); // Mostly of frames that the device does not have.
        }
        for (int i = 0; i < 200; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }
        Assert.Empty(_card.Sent);
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Queues_ThatTheDeviceStopped_StartAnewWithTheirFilters()
    {
        Nic nic = Start();
        _card.Fail();
        while (nic.TryTransmit(Frame(60, 0)))
        {
        }
        Assert.True(nic.TryTransmit(Frame(60, 1)));
        Assert.Equal(Frame(60, 1), Assert.Single(_card.Sent));
        Assert.True(_card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_ThroughManyRings_KeepsEveryFrameAndTouchesNoRegister()
    {
        Nic nic = Start();
        _card.RegisterReads = 0;
        _card.RegisterWrites = 0;
        for (int i = 0; i < 3200; i++)
        {
            byte[] frame = Frame(60 + (i % 1459), i);
            Assert.True(_card.Receive(frame));
            Assert.Equal(frame, nic.Peek().ToArray());
            Assert.Equal(frame, nic.Peek().ToArray());
            nic.Release();
            Assert.True(nic.Peek().IsEmpty);
        }
        Assert.Equal(0, _card.RegisterReads);
        Assert.Equal(0, _card.RegisterWrites);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_TellsOfNewBuffers_WhenTheDeviceAsksForThat()
    {
        Use(new SimulatedVmxnet3 { WantsProducer = true });
        Nic nic = Start();
        uint before = _card.LastProducer;
        Assert.True(_card.Receive(Frame(100, 1)));
        nic.Peek();
        nic.Release();
        Assert.Equal((before + 1) % 256, _card.LastProducer);
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
        Assert.Equal(nic.ReceiveRingSize, held);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(Nic.MaximumFrameSize, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(_card.Receive(Frame(100, 1)));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
    }

    [Fact]
    public void Receive_BehindBuffersThatTheDeviceLeftUnused_GivesThemBack()
    {
        Nic nic = Start();
        for (int i = 0; i < 300; i++)
        {
            Assert.True(_card.Receive(Frame(100, i), skip: 3));
            Assert.Equal(Frame(100, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(3u << 14, 13u)] // too short
    [InlineData(3u << 14, 1519u)] // too long
    [InlineData(3u << 14, 100u | (1 << 14))] // an error
    [InlineData(1u << 14, 100u)] // no start
    [InlineData(2u << 14, 100u)] // no end
    [InlineData((3u << 14) | (1u << 16), 100u)] // of another queue
    public void Receive_OfWhatIsNoFrame_CountsAndGoesOn(uint index, uint length)
    {
        Nic nic = Start();
        _card.Complete(index, length);
        _card.ReceiveNext++;
        Assert.True(_card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Theory]
    [InlineData(255u)] // the one that stays free
    [InlineData(256u)]
    [InlineData(4095u)]
    public void Receive_OfABufferThatTheDeviceDoesNotHave_IsCountedAndDropped(uint index)
    {
        Nic nic = Start();
        _card.Complete(index | (3u << 14), 100);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(_card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
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
        Assert.False(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.False(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));
        nic.SetFilter(Broadcast, group);
        Assert.True(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
        Assert.False(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
        nic.SetFilter(PromiscuousMulticast, group);
        Assert.True(_card.Receive(Frame(100, 1, "01005E000011")));
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));
        nic.SetFilter(Promiscuous, default);
        Assert.True(_card.Receive(Frame(100, 1, "525400000000")));
        nic.SetFilter(0, default);
        Assert.False(_card.Receive(Frame(100, 1)));
    }

    [Fact]
    public void Station_CanChangeWhileOpen_AndIsThePermanentOneAfterClose()
    {
        Nic nic = Start();
        Assert.True(_card.Receive(Frame(100, 1)));
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "020000000001")));
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
    }

    [Fact]
    public void Link_IsAskedForOnlyWhenTheDeviceSaysThatItChanged()
    {
        Nic nic = Start();
        _card.Commands.Clear();
        Assert.True(nic.IsLinkUp());
        Assert.Empty(_card.Commands);
        _card.SetLink(false);
        Assert.False(nic.IsLinkUp());
        Assert.False(nic.IsLinkUp());
        Assert.Single(_card.Commands);
        _card.SetLink(true);
        Assert.True(nic.IsLinkUp());
        nic.Close();
        Assert.True(nic.IsLinkUp());
    }

    [Fact]
    public void Open_AndClose_ManyTimes_WorksEachTime()
    {
        Nic nic = Start();
        for (int i = 0; i < 50; i++)
        {
            nic.Close();
            Assert.False(_card.IsActive);
            Assert.True(nic.Open(Own).IsSuccess);
            Assert.False(_card.Receive(Frame(100, i))); // every filter is off
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
        }
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.Equal(0UL, nic.ReceiveErrors);
        nic.SetFilter(Promiscuous, default);
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        _card.IsRemoved = false;
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Fact]
    public void RandomCompletions_NeverFault()
    {
        Nic nic = Start();
        Prop.ForAll<int>(seed =>
        {
            Random random = new(seed);
            for (int i = 0; i < 600; i++)
            {
                _card.Complete(random.Next(3) == 0 ? (uint)random.Next() : (3u << 14) | (uint)random.Next(256), (uint)random.Next(random.Next(2) == 0 ? 1600 : int.MaxValue));
                if (random.Next(4) == 0)
                {
                    _card.CompleteTransmit((uint)random.Next());
                }
                nic.TryTransmit(Frame(60, i));
                for (ReadOnlySpan<byte> frame = nic.Peek(); !frame.IsEmpty; frame = nic.Peek())
                {
                    Assert.InRange(frame.Length, Nic.MinimumFrameSize, Nic.MaximumFrameSize);
                    nic.Release();
                }
            }
            _card.Faults.Clear(); // Frames that were "sent" before they were are given to the device again.
            Assert.True(nic.Open(Own).IsSuccess);
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Frame(int length, int seed, string destination = "525400123456")
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Convert.FromHexString(destination).CopyTo(frame, 0);
        return frame;
    }

    private void Use(SimulatedVmxnet3 card)
    {
        _card.Dispose();
        _card = card;
    }

    private Nic Start()
    {
        _nic = Vmxnet3Nic.Create(new PciDevice(_card.Protocol), out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        Assert.True(_nic!.Open(Own).IsSuccess);
        _nic.SetFilter(Unicast | Broadcast, default);
        return _nic;
    }

    private void AssertCreateFails(EFI_STATUS expected)
    {
        PciDevice device = new(_card.Protocol);
        Assert.Null(Vmxnet3Nic.Create(device, out EFI_STATUS status));
        Assert.Equal(expected, status);
        device.RestoreAttributes();
    }
}
