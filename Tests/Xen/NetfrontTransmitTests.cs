using System.Linq;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Frames from netfront to its backend.</summary>
public abstract class NetfrontTransmitTests(NetbackKind kind) : NetfrontTest(kind)
{
    [Fact]
    public void Transmit_ManyTimesRoundTheRing_SendsEveryFrame()
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 3000; i++)
        {
            byte[] frame = Frame(Nic.MinimumFrameSize + (i % (Nic.MaximumFrameSize - Nic.MinimumFrameSize + 1)), i);
            Assert.True(nic.TryTransmit(frame));
            Assert.Equal(frame, Back.Sent[i]);
        }

        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Transmit_WhenAllBuffersAreUnderWay_WaitsForTheBackend()
    {
        NetfrontNic nic = Open();
        Back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Back.CompleteTransmitted(ids => ids.Reverse());
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Assert.False(nic.TryTransmit(Frame(60, 0)));
    }

    [Fact]
    public void Transmit_CostsOneEvent_OrNoneWhileTheBackendIsAtWork()
    {
        NetfrontNic nic = Open();
        int before = Xen.Hypercalls;
        for (int i = 0; i < 100; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Assert.Equal(100, Xen.Hypercalls - before);
        Back.IsAsleep = true;
        before = Xen.Hypercalls;
        for (int i = 0; i < 50; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Assert.Equal(1, Xen.Hypercalls - before);
        Back.IsAsleep = false;
    }

    [Fact]
    public void TransmitResponses_ThatLie_FreeNothingTwice()
    {
        NetfrontNic nic = Open();
        Back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }

        Back.AnswerTransmit(5);
        Back.AnswerTransmit(5);
        Back.AnswerTransmit(TransmitSlots);
        Back.AnswerTransmit(ushort.MaxValue, -1);
        Assert.True(nic.TryTransmit(Frame(60, 0)));
        Assert.False(nic.TryTransmit(Frame(60, 0)));
    }

    [Fact]
    public void TransmitResponses_ToMoreThanWasSent_EndTheLink()
    {
        NetfrontNic nic = Open();
        Back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }

        Back.ClaimTransmitted(TransmitSlots + 1);
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.False(nic.IsLinkUp());
        Back.HoldsTransmitted = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }
}

/// <summary>Frames to the backend, on Linux' backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontTransmitOnLinuxTests() : NetfrontTransmitTests(NetbackKind.Linux)
{
    [Fact]
    public void Close_WhileTheHostHasFramesOfOursInAQueue_WaitsForThem_AndLeavesThePagesUntilThen()
    {
        NetfrontNic nic = Open();
        Back.HoldsTransmitted = true;
        Assert.True(nic.TryTransmit(Frame(1000, 1)));
        Assert.True(nic.TryTransmit(Frame(60, 2)));
        nic.Close();
        Assert.True(Back.IsConnected);
        Assert.Equal(162, nic.GrantedPages);
        Assert.True(nic.Open(Own).IsError);
        Back.HoldsTransmitted = false;
        Back.CompleteTransmitted();
        nic.Close();
        ExpectAtRest();
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Dispose_WhileTheHostHasAFrameOfOursInAQueue_KeepsThatMemory_AndNothingElse()
    {
        NetfrontNic nic = Open();
        Back.HoldsTransmitted = true;
        Assert.True(nic.TryTransmit(Frame(1000, 1)));
        ulong pages = Simulated.AllocatedPages;
        nic.Dispose();
        Device = null;
        Assert.Equal(pages, Simulated.AllocatedPages); // Rings and buffers are each in one piece.
        Assert.Equal(3, Xen.Grants.Granted.Count);
        ExpectNoKeys(Back);
        Back.CompleteTransmitted();
        HasLeaked = true;
    }
}

/// <summary>Frames to the backend, on QEMU's backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontTransmitOnQemuTests() : NetfrontTransmitTests(NetbackKind.Qemu);
