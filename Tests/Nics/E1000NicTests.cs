using System;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.E1000;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

/// <summary>The driver on a chip with legacy descriptors.</summary>
public sealed class Intel82540EmTests() : E1000NicTests(0x100E);

/// <summary>The driver on a chip with advanced descriptors.</summary>
public sealed class Intel82576Tests() : E1000NicTests(0x10C9);

public abstract class E1000NicTests(ushort model) : DmaNicContractTests<SimulatedE1000>
{
    private const uint Rctl = 0x0100;

    protected override int TransmitSlots => 63;

    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 100);

    protected override bool ReachesAllMemory => true;

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
        AssertWorks(nic, 1);
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

    [Fact]
    public void Create_WithoutAnAddressOfAModelWhoseEepromIsNotRead_Fails()
    {
        Use(new SimulatedE1000(0x100C, "000000000000"));
        AssertCreateFails(EFI_STATUS.EFI_DEVICE_ERROR);
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
        Card.Receive(Frame(100, 1), status, errors, length);
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_OfAFrameInSeveralDescriptors_IsCountedOnceAndSkipped()
    {
        Nic nic = Start();
        Card.Receive(Frame(1000, 1), status: 0x01);
        Card.Receive(Frame(1000, 1), status: 0x01);
        Card.Receive(Frame(1000, 1));
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_WithAChecksumThatDoesNotFit_KeepsTheFrame()
    {
        Nic nic = Start();
        Card.Receive(Frame(100, 1), errors: 0x60);
        Assert.Equal(100, nic.Peek().Length);
    }

    [Fact]
    public void Filter_OtherThanPromiscuous_LeavesReceiveControlAlone()
    {
        Nic nic = Start();
        Card.Writes.Clear();
        nic.SetFilter(Unicast | Broadcast | PromiscuousMulticast, default);
        nic.SetFilter(Unicast | Broadcast, default);
        Assert.DoesNotContain(Card.Writes, write => write.Offset == Rctl);
    }

    [Theory]
    [InlineData(0x0140)] // negotiation off
    [InlineData(0x1940)] // asleep
    [InlineData(0x1540)] // isolated
    public void Open_WakesThePhy(int control)
    {
        Card.PhyControl = (ushort)control;
        Start();
        Assert.Equal(0x1340, Card.PhyControl);
    }

    [Fact]
    public void Open_LeavesAPhyThatIsAwakeAlone()
    {
        Start();
        Assert.Equal(0x1140, Card.PhyControl);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Close_LeavesTheControllerQuietAndAsItWas(bool resetsNothing)
    {
        Nic nic = Start(new SimulatedE1000(model) { ResetsNothing = resetsNothing });
        nic.SetStation(new MacAddress(Convert.FromHexString(Moved)));
        Card.Receive(Frame(100, 1, Moved));
        nic.Close();
        Assert.Equal(resetsNothing, Card.IsReceiving);
        Assert.False(Card.IsTransmitting);
        Assert.Equal(0, Card.ReceiveDescriptorCount);
        Assert.False(Card.Receive(Frame(100, 1)));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal((uint)Own.Value, Card[0x5400]);
        Assert.Equal((uint)(Own.Value >> 32), Card[0x5404] & 0xFFFF);
        Assert.Equal(1, Card.MappingCount);
    }

    [Fact]
    public void Close_WhenTheResetNeverEnds_StopsTheRingsInTime()
    {
        Nic nic = Start();
        Card.NeverResets = true;
        ulong before = DeviceFirmware.Waited;
        nic.Close();
        Assert.InRange(DeviceFirmware.Waited - before, 0UL, 500_000UL);
        Assert.False(Card.IsReceiving);
        Assert.False(Card.IsTransmitting);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Quiesce_TurnsTheReceiverOff(bool resetsNothing, bool isOpen)
    {
        Card.ResetsNothing = resetsNothing;
        Nic nic = Create();
        if (isOpen)
        {
            nic.Open(Own);
        }

        nic.Quiesce();
        Assert.False(Card.IsReceiving);
        Assert.False(Card.IsTransmitting);
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(Card.IsReceiving);
    }

    [Fact]
    public void Open_OfAModelWhoseResetKeepsRegisters_LeavesReceiveControlAlone()
    {
        Nic nic = Start(new SimulatedE1000(model) { ResetsNothing = true });
        Card.Writes.Clear();
        nic.Close();
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.DoesNotContain(Card.Writes, write => write.Offset == Rctl);
        Assert.True(Card.Receive(Frame(100, 1, "FFFFFFFFFFFF")));
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
                Span<byte> descriptor = Card.ReceiveDescriptor(i);
                random.NextBytes(descriptor);
                first.AsSpan(0, Math.Min(first.Length, 16)).CopyTo(descriptor);
                second.AsSpan(0, Math.Min(second.Length, 4)).CopyTo(descriptor[12..]);
            }

            ReadAll(nic, 300);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void DescriptorsThatAreAllDone_DoNotHoldPeekForEver()
    {
        Nic nic = Start();
        for (int i = 0; i < 256; i++)
        {
            Card.MarkDone(i);
        }

        Assert.True(nic.Peek().IsEmpty);
        Assert.Contains(Card.Writes, write => write.Offset == Card.ReceiveTail && write.Value != 0);
    }

    protected override SimulatedE1000 CreateCard(string address) => new(model, address);

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status)
    {
        Assert.True(E1000Model.TryFind(0x8086, device.DeviceId == ushort.MaxValue ? model : device.DeviceId, out E1000Model found));
        return E1000Nic.Create(device, found, out status);
    }

    /// <summary>Broadcast is always on: see <see cref="E1000Nic"/>.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) => destination == Everybody;
}
