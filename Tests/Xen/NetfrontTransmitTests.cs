using System.Linq;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Netfront;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Frames from netfront to its backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontTransmitTests : NetfrontTest
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
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }
}
