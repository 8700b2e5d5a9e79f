using System;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.E1000;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

/// <summary>The driver on a chip whose PHY and EEPROM hang on pins.</summary>
public sealed class Intel82543GcTests() : E1000NicTests(0x1004)
{
    [Theory]
    [InlineData(0xAC00, 0x1A01)] // 1 Gbit/s, full duplex
    [InlineData(0x6C00, 0x1901)]
    [InlineData(0x4C00, 0x1900)] // 100 Mbit/s, half duplex
    [InlineData(0x0C00, 0x1800)] // 10 Mbit/s, half duplex
    public void Mac_FollowsThePhy(int status, int control)
    {
        Card.PhyStatus = (ushort)status;
        AssertWorks(Start(), 1);
        Assert.Equal((uint)control, Card[0] & 0x1B01);
    }

    [Fact]
    public void Mac_FollowsThePhy_WhenTheLinkComesBack()
    {
        Nic nic = Start();
        Assert.True(nic.IsLinkUp());
        Card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        Card.PhyStatus = 0xAC00;
        Card.IsLinkUp = true;
        Assert.True(nic.IsLinkUp());
        AssertWorks(nic, 1);
    }

    [Fact]
    public void Link_WhileNothingChanges_CostsARegisterRead()
    {
        Nic nic = Start();
        nic.IsLinkUp();
        Card.RegisterReads = 0;
        Card.RegisterWrites = 0;
        nic.IsLinkUp();
        Assert.Equal((1, 0), (Card.RegisterReads, Card.RegisterWrites));
    }
}

/// <summary>The driver on a chip that loads its EEPROM only when it is told to.</summary>
public sealed class Intel82544GcTests() : E1000NicTests(0x100C);

/// <summary>The driver on a chip with legacy descriptors.</summary>
public sealed class Intel82540EmTests() : E1000NicTests(0x100E)
{
    [Theory]
    [InlineData(0x1004, "82543GC")]
    [InlineData(0x1008, "82544EI")]
    [InlineData(0x100C, "82544GC")]
    [InlineData(0x100D, "82544GC")]
    [InlineData(0x100E, "82540EM")]
    [InlineData(0x100F, "82545EM")]
    [InlineData(0x1010, "82546EB")]
    [InlineData(0x1013, "82541EI")]
    [InlineData(0x1014, "82541ER")]
    [InlineData(0x1018, "82541EI")]
    [InlineData(0x101D, "82546EB")]
    [InlineData(0x1026, "82545GM")]
    [InlineData(0x1076, "82541GI")]
    [InlineData(0x1077, "82541GI")]
    [InlineData(0x1078, "82541ER")]
    [InlineData(0x1079, "82546GB")]
    [InlineData(0x107C, "82541PI")]
    [InlineData(0x108A, "82546GB")]
    [InlineData(0x1099, "82546GB")]
    [InlineData(0x10B5, "82546GB")]
    [InlineData(0x10C9, "82576")]
    [InlineData(0x10D3, "82574L")]
    [InlineData(0x10F6, "82574L")]
    [InlineData(0x1521, "I350")]
    [InlineData(0x1533, "I210")]
    [InlineData(0x157B, "I210")]
    public void EachModel_SendsAndReceives(int deviceId, string chip)
    {
        Nic nic = Start(new SimulatedE1000((ushort)deviceId));
        Assert.Equal($"Intel {chip} Gigabit Ethernet", nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        AssertWorks(nic, 1);
        Assert.Contains(0x8086_0000u | (uint)deviceId, new E1000Driver().Identifiers.ToArray());
    }

    [Fact]
    public void OtherDevices_AreNotKnown()
    {
        Assert.False(E1000Model.TryFind(0x8086, 0x1536, out _)); // an I210 for fibre
        Assert.False(E1000Model.TryFind(0x1234, 0x100E, out _));
    }

    [Fact]
    public void Arp_ThatTheManagementFirmwareWouldAnswer_IsReceived()
    {
        Card.FirmwareAnswersArp = true;
        Start();
        byte[] request = Frame(60, 1, Everybody);
        request[12] = 8;
        request[13] = 6;
        Assert.True(Card.Receive(request));
    }
}

/// <summary>The driver on a chip with another layout of the EEPROM's register.</summary>
public sealed class Intel82541GiTests() : E1000NicTests(0x1076);

/// <summary>The driver on a chip that is reset at another address.</summary>
public sealed class Intel82545GmTests() : E1000NicTests(0x1026);

/// <summary>The driver on the second port of a chip with two.</summary>
public sealed class Intel82546EbTests() : E1000NicTests(0x1010, port: 1);

/// <summary>The driver on a chip with errata.</summary>
public sealed class Intel82574LTests() : E1000NicTests(0x10D3)
{
    /// <summary>That ASPM is off while it works, the card itself has seen.</summary>
    [Fact]
    public void LinkStates_AreAsTheyWere_WhenTheNicIsGone()
    {
        Nic nic = Start();
        Assert.Equal(0, Card.LinkStates);
        nic.Dispose();
        Nic = null;
        Assert.Equal(3, Card.LinkStates);
    }
}

/// <summary>The driver on a chip with advanced descriptors.</summary>
public sealed class Intel82576Tests() : E1000NicTests(0x10C9);

/// <summary>The driver on the third port of a chip with four.</summary>
public sealed class IntelI350Tests() : E1000NicTests(0x1521, port: 2);

/// <summary>The driver on a chip that an operating system has used.</summary>
public sealed class IntelI210Tests() : E1000NicTests(0x1533)
{
    [Fact]
    public void PacketBuffers_AsAnOperatingSystemLeftThem_AreSetBack()
    {
        Card[0x2404] = 0x8000_0020;
        Card[0x3404] = 0x0400_0208;
        AssertWorks(Start(), 1);
    }
}

public abstract class E1000NicTests(ushort model, int port = 0) : DmaNicContractTests<SimulatedE1000>
{
    private const uint Rctl = 0x0100;

    protected override int TransmitSlots => 63;

    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 100);

    protected override bool ReachesAllMemory => true;

    [Fact]
    public void Address_ThatNoRegisterHas_ComesFromTheEeprom()
    {
        SimulatedE1000 card = CreateCard("525400123456");
        card.HasAddressRegisters = false;
        Assert.Equal(Own, Start(card).PermanentAddress);
    }

    [Fact]
    public void Phy_ThatTheManagementFirmwareKeeps_IsLeftAlone_InTime()
    {
        Card.FirmwareKeepsPhy = true;
        Card.PhyControl = 0x1940;
        AssertWorks(Start(), 1);
        bool isShared = model is 0x10D3 or 0x10C9 or 0x1521 or 0x1533;
        Assert.Equal(isShared ? 0x1940 : 0x1340, Card.PhyControl);
        Assert.InRange(DeviceFirmware.Waited, 0UL, 400_000UL);
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
        Nic nic = Start(ThatResetsNothing(resetsNothing));
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
        Nic nic = Start(ThatResetsNothing(true));
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

    protected override SimulatedE1000 CreateCard(string address) => new(model, address, port) { Clock = () => DeviceFirmware.Waited };

    protected override Driver NewDriver() => new E1000Driver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status)
    {
        Assert.True(E1000Model.TryFind(0x8086, device.DeviceId == ushort.MaxValue ? model : device.DeviceId, out E1000Model found));
        return E1000Nic.Create(device, found, out status);
    }

    /// <summary>Broadcast is always on: see <see cref="E1000Nic"/>.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) => destination == Everybody;

    protected override void CheckAtEnd() => Assert.True(Card.IsRemoved || !Card.HoldsLocks);

    private SimulatedE1000 ThatResetsNothing(bool resetsNothing)
    {
        SimulatedE1000 card = CreateCard("525400123456");
        card.ResetsNothing = resetsNothing;
        return card;
    }
}
