using System;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Vmxnet3;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.NicDrivers.ReceiveFilters;

namespace NetBoot.Tests.Nics;

public sealed class Vmxnet3NicTests : DmaNicContractTests<SimulatedVmxnet3>
{
    protected override int TransmitSlots => 63;

    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 0);

    protected override bool ReachesAllMemory => true;

    protected override bool WaitsForReset => false;

    [Fact]
    public void Create_WithoutRevision1_IsUnsupported()
    {
        Use(new SimulatedVmxnet3(revisions: 6));
        AssertCreateFails(EFI_STATUS.EFI_UNSUPPORTED);
    }

    [Fact]
    public void Open_WhenTheDeviceRefuses_Fails()
    {
        Nic nic = Start();
        Card.RefusesToActivate = true;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, nic.Open(Own));
        Assert.True(nic.Peek().IsEmpty);
        Card.RefusesToActivate = false;
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Fact]
    public void Transmit_WhenTheDeviceCompletesInPairs_CostsTheSame()
    {
        Nic nic = Start();
        Card.CompletesInPairs = true;
        SendMany(nic);
        Assert.Equal(CostOf1000Sent, (Card.RegisterReads, Card.RegisterWrites));
    }

    [Fact]
    public void Transmit_WhenCompletionsLie_DoesNotOverwrite()
    {
        Nic nic = Start();
        FillTransmitRing(nic);
        for (uint i = 0; i < 70; i++)
        {
            Card.CompleteTransmit(i * 977); // Mostly of frames that the device does not have.
        }

        for (int i = 0; i < 200; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Assert.Empty(Card.Sent);
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.True(nic.TryTransmit(Frame(60, 5)));
        Assert.Equal(Frame(60, 5), Assert.Single(Card.Sent));
    }

    [Fact]
    public void Queues_ThatTheDeviceStopped_StartAnewWithTheirFilters()
    {
        Nic nic = Start();
        Card.Fail();
        while (nic.TryTransmit(Frame(60, 0)))
        {
        }

        Assert.True(nic.TryTransmit(Frame(60, 1)));
        Assert.Equal(Frame(60, 1), Assert.Single(Card.Sent));
        AssertGoesOn(nic, errors: 1);
    }

    [Fact]
    public void Receive_TellsOfNewBuffers_WhenTheDeviceAsksForThat()
    {
        Use(new SimulatedVmxnet3 { WantsProducer = true });
        Nic nic = Start();
        uint before = Card.LastProducer;
        Assert.True(Card.Receive(Frame(100, 1)));
        nic.Peek();
        nic.Release();
        Assert.Equal((before + 1) % 256, Card.LastProducer);
    }

    [Fact]
    public void Receive_BehindBuffersThatTheDeviceLeftUnused_GivesThemBack()
    {
        Nic nic = Start();
        for (int i = 0; i < 300; i++)
        {
            Assert.True(Card.Receive(Frame(100, i), skip: 3));
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
        Card.Complete(index, length);
        Card.ReceiveNext++;
        AssertGoesOn(nic, errors: 1);
    }

    [Theory]
    [InlineData(255u)] // the one that stays free
    [InlineData(256u)]
    [InlineData(4095u)]
    public void Receive_OfABufferThatTheDeviceDoesNotHave_IsCountedAndDropped(uint index)
    {
        Nic nic = Start();
        Card.Complete(index | (3u << 14), 100);
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(Card.Receive(Frame(100, 2)));
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
    }

    [Fact]
    public void Link_IsAskedForOnlyWhenTheDeviceSaysThatItChanged()
    {
        Nic nic = Start();
        Card.Commands.Clear();
        Assert.True(nic.IsLinkUp());
        Assert.Empty(Card.Commands);
        Card.IsLinkUp = false;
        Assert.False(nic.IsLinkUp());
        Assert.False(nic.IsLinkUp());
        Assert.Single(Card.Commands);
        Card.IsLinkUp = true;
        Assert.True(nic.IsLinkUp());
        nic.Close();
        Assert.True(nic.IsLinkUp());
    }

    [Fact]
    public void Queues_ThatCannotBeStartedAnew_LeaveTheNicAsClosedUntilItIsOpened()
    {
        Nic nic = Start();
        Card.Fail();
        Card.RefusesToActivate = true;
        FillTransmitRing(nic);
        for (int i = 0; i < 100; i++)
        {
            Assert.False(nic.TryTransmit(Frame(60, i)));
        }

        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Card.RefusesToActivate = false;
        Assert.True(nic.Open(Own).IsSuccess);
        nic.SetFilter(Unicast, default);
        Assert.True(nic.IsLinkUp());
        AssertWorks(nic, 2);
    }

    [Fact]
    public void RemovedCard_ThatComesBack_CanBeOpened()
    {
        Nic nic = Start();
        Card.IsRemoved = true;
        Assert.True(nic.Open(Own).IsError);
        Card.IsRemoved = false;
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
                Card.Complete(random.Next(3) == 0 ? (uint)random.Next() : (3u << 14) | (uint)random.Next(256), (uint)random.Next(random.Next(2) == 0 ? 1600 : int.MaxValue));
                if (random.Next(4) == 0)
                {
                    Card.CompleteTransmit((uint)random.Next());
                }

                nic.TryTransmit(Frame(60, i));
                ReadAll(nic, int.MaxValue);
            }

            Card.Faults.Clear(); // Frames that were "sent" before they were are given to the device again.
            Assert.True(nic.Open(Own).IsSuccess);
        }).QuickCheckThrowOnFailure();
    }

    protected override SimulatedVmxnet3 CreateCard(string address) => new(address);

    protected override Driver NewDriver() => new Vmxnet3Driver();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Vmxnet3Nic.Create(device, out status);

    protected override void CheckAtEnd() => Assert.False(Card.IsActive && !Card.NeverResets && !Card.IsRemoved);
}
