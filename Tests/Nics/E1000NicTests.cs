using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.E1000;
using Tests.Devices;
using Uefi.Interop;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

/// <summary>The driver on a chip with legacy descriptors.</summary>
public sealed class Intel82540EmTests() : E1000NicTests(0x100E);

/// <summary>The driver on a chip with advanced descriptors.</summary>
public sealed class Intel82576Tests() : E1000NicTests(0x10C9);

[Collection("Firmware")]
public abstract unsafe class E1000NicTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;
    private const uint Rctl = 0x0100;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private readonly ushort _model;
    private SimulatedE1000 _card;
    private Nic? _nic;

    protected E1000NicTests(ushort model)
    {
        _model = model;
        _card = new(model);
        DeviceFirmware.Start();
    }

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
    [InlineData(0x1008, "Intel 82544EI Gigabit Ethernet")]
    [InlineData(0x100C, "Intel 82544GC Gigabit Ethernet")]
    [InlineData(0x100E, "Intel 82540EM Gigabit Ethernet")]
    [InlineData(0x100F, "Intel 82545EM Gigabit Ethernet")]
    [InlineData(0x10C9, "Intel 82576 Gigabit Ethernet")]
    [InlineData(0x10D3, "Intel 82574L Gigabit Ethernet")]
    public void EachModel_SendsAndReceives(int deviceId, string name)
    {
        Nic nic = Start(new SimulatedE1000((ushort)deviceId));
        Assert.Equal(name, nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.True(nic.TryTransmit(Frame(100, 1)));
        Assert.Equal(Frame(100, 1), Assert.Single(_card.Sent));
        Assert.True(_card.Receive(Frame(200, 2)));
        Assert.Equal(Frame(200, 2), nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    [Fact]
    public void OtherDevices_AreNotKnown()
    {
        Assert.False(E1000Model.TryFind(0x8086, 0x1533, out _));
        Assert.False(E1000Model.TryFind(0x1234, 0x100E, out _));
    }

    [Theory]
    [InlineData(0x100E)]
    [InlineData(0x10C9)]
    [InlineData(0x10D3)]
    public void Address_ThatNoRegisterHas_ComesFromTheEeprom(int deviceId)
    {
        Nic nic = Start(new SimulatedE1000((ushort)deviceId) { HasAddressRegisters = false });
        Assert.Equal(Own, nic.PermanentAddress);
    }

    [Theory]
    [InlineData(0x100E, "000000000000")]
    [InlineData(0x100E, "015400123456")]
    [InlineData(0x100C, "000000000000")]
    public void Create_WithoutAnAddress_Fails(int deviceId, string address)
    {
        Use(new SimulatedE1000((ushort)deviceId, address));
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
    }

    [Fact]
    public void Create_WhenTheResetNeverEnds_FailsInTime()
    {
        Use(new SimulatedE1000(_model) { NeverResets = true });
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
    public void Transmit_CostsOneRegisterWriteAndNoRead()
    {
        Nic nic = Start();
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
        Assert.Equal(63, sent);
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        _card.TransmitterHangs = false;
        Assert.True(nic.Open(Own).IsSuccess);
        _card.Sent.Clear();
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Assert.Single(_card.Sent));
    }

    [Fact]
    public void Transmit_TakesTheLargestFrame()
    {
        Nic nic = Start();
        Assert.True(nic.TryTransmit(Frame(Nic.MaximumFrameSize, 1)));
        Assert.Equal(Nic.MaximumFrameSize, Assert.Single(_card.Sent).Length);
    }

    [Fact]
    public void Receive_CostsARegisterWriteIn32Frames()
    {
        Nic nic = Start();
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
        Assert.Equal(0, _card.RegisterReads);
        Assert.Equal(100, _card.RegisterWrites);
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_HoldsAsManyFramesAsTheRing()
    {
        Nic nic = Start();
        int held = 0;
        while (held < 1000 && _card.Receive(Frame(60, held)))
        {
            held++;
        }
        Assert.Equal(nic.ReceiveRingSize, held);
        Assert.Equal(1UL, nic.ReceiveErrors);
        for (int i = 0; i < held; i++)
        {
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(_card.Receive(Frame(60, 1)));
    }

    [Theory]
    [InlineData(0x03, 0x01, 100)] // CRC error
    [InlineData(0x03, 0x80, 100)] // data error
    [InlineData(0x03, 0x00, 13)]
    [InlineData(0x03, 0x00, 0)]
    [InlineData(0x03, 0x00, 1519)]
    [InlineData(0x03, 0x00, 65535)]
    public void Receive_OfABadFrame_IsCountedAndSkipped(byte status, byte errors, int length)
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1), status, errors, length);
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfAFrameInSeveralDescriptors_IsCountedOnceAndSkipped()
    {
        Nic nic = Start();
        _card.Receive(Frame(1000, 1), status: 0x01);
        _card.Receive(Frame(1000, 1), status: 0x01);
        _card.Receive(Frame(1000, 1));
        _card.Receive(Frame(100, 2));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        Assert.Equal(1UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_WithAChecksumThatDoesNotFit_KeepsTheFrame()
    {
        Nic nic = Start();
        _card.Receive(Frame(100, 1), errors: 0x60);
        Assert.Equal(100, nic.Peek().Length);
    }

    [Fact]
    public void Open_ReceivesOnlyBroadcast()
    {
        _nic = Create();
        Assert.True(_nic.Open(Own).IsSuccess);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.False(_card.Receive(Frame(100, 1, "01005E000001")));
        Assert.True(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
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
        Assert.False(_card.Receive(Frame(100, 1, "525400000000")));

        nic.SetFilter(PromiscuousMulticast, group);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "01005E000011")));

        nic.SetFilter(Promiscuous, default);
        Assert.True(_card.Receive(Frame(100, 1, "525400000000")));

        nic.SetFilter(0, default);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.False(_card.Receive(Frame(100, 1, "01005E7FFFFA")));
    }

    [Fact]
    public void Filter_OtherThanPromiscuous_LeavesReceiveControlAlone()
    {
        Nic nic = Start();
        _card.Writes.Clear();
        nic.SetFilter(Unicast | Broadcast | PromiscuousMulticast, default);
        nic.SetFilter(Unicast | Broadcast, default);
        Assert.DoesNotContain(_card.Writes, write => write.Offset == Rctl);
    }

    [Fact]
    public void Station_CanChangeWhileOpen()
    {
        Nic nic = Start();
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(_card.Receive(Frame(100, 1, "020000000001")));
    }

    [Fact]
    public void Link_IsTheStatusRegisters()
    {
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        _card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        _card.IsRemoved = true;
        Assert.False(nic.IsLinkUp());
    }

    [Theory]
    [InlineData(0x0140)] // negotiation off
    [InlineData(0x1940)] // asleep
    [InlineData(0x1540)] // isolated
    public void Open_WakesThePhy(int control)
    {
        _card.PhyControl = (ushort)control;
        Start();
        Assert.Equal(0x1340, _card.PhyControl);
    }

    [Fact]
    public void Open_LeavesAPhyThatIsAwakeAlone()
    {
        Start();
        Assert.Equal(0x1140, _card.PhyControl);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_LeavesTheControllerQuietAndAsItWas(bool resetsNothing)
    {
        Nic nic = Start(new SimulatedE1000(_model) { ResetsNothing = resetsNothing });
        nic.SetStation(new MacAddress(Convert.FromHexString("020000000001")));
        _card.Receive(Frame(100, 1, "020000000001"));
        nic.Close();
        Assert.Equal(resetsNothing, _card.IsReceiving);
        Assert.False(_card.IsTransmitting);
        Assert.Equal(0, _card.ReceiveDescriptorCount);
        Assert.False(_card.Receive(Frame(100, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal((uint)Own.Value, _card[0x5400]);
        Assert.Equal((uint)(Own.Value >> 32), _card[0x5404] & 0xFFFF);
        Assert.Equal(1, _card.MappingCount);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_StopsTheRingsInTime()
    {
        Nic nic = Start();
        _card.NeverResets = true;
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 500_000UL);
        Assert.False(_card.IsReceiving);
        Assert.False(_card.IsTransmitting);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Quiesce_TurnsTheReceiverOff(bool resetsNothing, bool isOpen)
    {
        _card.ResetsNothing = resetsNothing;
        _nic = Create();
        if (isOpen)
        {
            _nic.Open(Own);
        }
        _nic.Quiesce();
        Assert.False(_card.IsReceiving);
        Assert.False(_card.IsTransmitting);
        Assert.True(_nic.Open(Own).IsSuccess);
        Assert.True(_card.IsReceiving);
    }

    [Fact]
    public void Open_OfAModelWhoseResetKeepsRegisters_LeavesReceiveControlAlone()
    {
        Nic nic = Start(new SimulatedE1000(_model) { ResetsNothing = true });
        _card.Writes.Clear();
        nic.Close();
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.DoesNotContain(_card.Writes, write => write.Offset == Rctl);
        Assert.True(_card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
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
        Assert.Equal(1, _card.AllocationCount);
    }

    [Fact]
    public void RemovedCard_IsHarmless()
    {
        Nic nic = Start();
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
        Nic nic = Start();
        Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            Random random = new(first.Length * 31 + second.Length);
            for (int i = 0; i < 256; i++)
            {
                Span<byte> descriptor = _card.ReceiveDescriptor(i);
                random.NextBytes(descriptor);
                first.AsSpan(0, Math.Min(first.Length, 16)).CopyTo(descriptor);
                second.AsSpan(0, Math.Min(second.Length, 4)).CopyTo(descriptor[12..]);
            }
            for (int i = 0; i < 300; i++)
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
                nic.Release();
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void DescriptorsThatAreAllDone_DoNotHoldPeekForEver()
    {
        Nic nic = Start();
        for (int i = 0; i < 256; i++)
        {
            _card.MarkDone(i);
        }
        Assert.True(nic.Peek().IsEmpty);
        Assert.Contains(_card.Writes, write => write.Offset == _card.ReceiveTail && write.Value != 0);
    }

    private static byte[] Frame(int length, int seed, string destination = "525400123456")
    {
        byte[] frame = new byte[length];
        new Random(seed).NextBytes(frame);
        Convert.FromHexString(destination).CopyTo(frame, 0);
        return frame;
    }

    private void Use(SimulatedE1000 card)
    {
        _card.Dispose();
        _card = card;
    }

    private Nic Start(SimulatedE1000? card = null)
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
        PciDevice device = new(_card.Protocol);
        Assert.True(E1000Model.TryFind(device.VendorId, device.DeviceId, out E1000Model model));
        Nic? nic = E1000Nic.Create(device, model, out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        return nic!;
    }

    private void AssertCreateFails(EFI_STATUS expected)
    {
        PciDevice device = new(_card.Protocol);
        E1000Model.TryFind(0x8086, device.DeviceId == 0xFFFF ? (ushort)0x100E : device.DeviceId, out E1000Model model);
        Assert.Null(E1000Nic.Create(device, model, out EFI_STATUS status));
        Assert.Equal(expected, status);
        device.RestoreAttributes();
    }
}
