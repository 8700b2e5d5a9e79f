using FsCheck;
using FsCheck.Fluent;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Frames from the backend to netfront, honest and not.</summary>
public abstract class NetfrontReceiveTests(NetbackKind kind) : NetfrontTest(kind)
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4096 - Nic.MaximumFrameSize)]
    public void Receive_ManyTimesRoundTheRing_GetsEveryFrame(int offset)
    {
        Back.Offset = offset;
        NetfrontNic nic = Open();
        int sent = 0;
        for (int received = 0; received < 3000;)
        {
            for (int burst = 0; burst < 50 && Back.Receive(Frame(60 + (sent % 1458), sent)); burst++)
            {
                sent++;
            }

            Assert.True(sent > received);
            while (!nic.Peek().IsEmpty)
            {
                Assert.Equal(Frame(60 + (received % 1458), received), nic.Peek().ToArray());
                nic.Release();
                received++;
            }
        }

        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfABurstThatFillsTheRing_TellsTheBackendOfNewBuffers()
    {
        NetfrontNic nic = Open();
        for (int round = 0; round < 20; round++)
        {
            int burst = 0;
            while (Back.Receive(Frame(60, burst)))
            {
                burst++;
            }

            Assert.InRange(burst, ReceiveSlots - 32, ReceiveSlots);
            for (int i = 0; i < burst; i++)
            {
                Assert.False(nic.Peek().IsEmpty);
                nic.Release();
            }

            Assert.True(Back.Available >= ReceiveSlots - 32);
        }
    }

    [Fact]
    public void Frames_ThatFoundNoBuffer_ComeWhenThereAreSome_WithoutAnyOtherEvent()
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 5 * ReceiveSlots; i++)
        {
            Back.Deliver(Frame(60, i));
        }

        for (int i = 0; i < 5 * ReceiveSlots; i++)
        {
            Assert.Equal(Frame(60, i), nic.Peek().ToArray());
            nic.Release();
        }
    }

    [Fact]
    public void Receive_CostsOneEventInManyFrames()
    {
        NetfrontNic nic = Open();
        int before = Xen.Hypercalls;
        for (int i = 0; i < 320; i++)
        {
            Assert.True(Back.Receive(Frame(60, i)));
            Assert.False(nic.Peek().IsEmpty);
            nic.Release();
        }

        Assert.Equal(10, Xen.Hypercalls - before);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 13)]
    [InlineData(0, 1519)]
    [InlineData(0, 4096)]
    [InlineData(0, -1)]
    [InlineData(0, short.MinValue)]
    [InlineData(0, short.MaxValue)]
    [InlineData(4096, 60)]
    [InlineData(4037, 60)]
    [InlineData(65535, 60)]
    public void ReceiveResponses_WithBadLengthsAndOffsets_AreCounted_AndTheirBuffersUsedAgain(int offset, int status)
    {
        NetfrontNic nic = Open();
        for (int i = 1; i <= 3 * ReceiveSlots; i++)
        {
            Assert.True(Back.Receive(Frame(60, i), 0, offset: offset, status: status));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal((ulong)i, nic.ReceiveErrors);
        }

        ExpectTraffic(nic);
    }

    [Fact]
    public void Frames_InSeveralPieces_AreDropped_AndCountedOnce()
    {
        NetfrontNic nic = Open();
        for (ulong i = 1; i <= 300; i++)
        {
            Assert.True(Back.Receive(Frame(1000, 1), SimulatedNetback.MoreData, status: 2000));
            Assert.True(Back.Receive(Frame(600, 2), SimulatedNetback.MoreData));
            Assert.True(Back.Receive(Frame(400, 3)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal(i, nic.ReceiveErrors);
        }

        ExpectTraffic(nic);
    }

    [Fact]
    public void ExtraSegments_TakeTheirBuffersBack()
    {
        NetfrontNic nic = Open();
        for (ulong i = 1; i <= 300; i++)
        {
            Assert.True(Back.Receive(Frame(1000, 1), SimulatedNetback.MoreData | SimulatedNetback.ExtraInfo, status: 1400));
            Assert.True(Back.ReceiveExtra(1, more: true));
            Assert.True(Back.ReceiveExtra(4, more: false));
            Assert.True(Back.Receive(Frame(400, 3)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal(i, nic.ReceiveErrors);
        }

        ExpectTraffic(nic);
    }

    [Fact]
    public void Frames_WithoutChecksums_AreDropped()
    {
        NetfrontNic nic = Open();
        Assert.True(Back.Receive(Frame(60, 1), SimulatedNetback.ChecksumMissing));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(Back.Receive(Frame(60, 1), flags: 1)); // Checksums were verified.
        Assert.False(nic.Peek().IsEmpty);
        nic.Release();
    }

    [Fact]
    public void ReceiveResponses_OutOfOrder_AreTaken()
    {
        NetfrontNic nic = Open();
        Assert.True(Back.TryTakeBuffer(out ushort first, out uint firstGrant));
        Assert.True(Back.TryTakeBuffer(out ushort second, out uint secondGrant));
        Assert.True(Xen.Grants.Copy(firstGrant, 0, 0, Frame(100, 1), toGuest: true));
        Assert.True(Xen.Grants.Copy(secondGrant, 0, 0, Frame(100, 2), toGuest: true));
        Back.AnswerReceive(second, 0, 0, 100);
        Back.AnswerReceive(first, 0, 0, 100);
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
    }

    [Theory]
    [InlineData(ReceiveSlots)]
    [InlineData(ushort.MaxValue)]
    [InlineData(0)] // The buffer of the frame before.
    public void ReceiveResponses_WithForeignIds_AreCounted(int id)
    {
        NetfrontNic nic = Open();
        Assert.True(Back.Receive(Frame(60, 1)));
        Assert.False(nic.Peek().IsEmpty);
        Assert.True(Back.Receive(Frame(60, 2), 0, id: (ushort)id));
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        ExpectTraffic(nic);
    }

    [Fact]
    public void ReceiveResponses_ToMoreThanWasOffered_EndTheLink()
    {
        NetfrontNic nic = Open();
        Back.ClaimReceived(ReceiveSlots + 1);
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void HostileRings_NeverMatter()
    {
        NetfrontNic nic = Create();
        Prop.ForAll<(bool OnReceive, ushort At, byte Value)[], (ushort Id, ushort Offset, ushort Flags, short Status)[]>(
            (scribbles, responses) =>
            {
                Assert.True(nic.Open(Own).IsSuccess);
                foreach ((bool onReceive, ushort at, byte value) in scribbles)
                {
                    Back.Scribble(onReceive, at < 32768 ? at % 16 : at, value);
                    nic.Peek();
                    nic.Release();
                    nic.TryTransmit(new byte[60]);
                }

                foreach ((ushort id, ushort offset, ushort flags, short status) in responses)
                {
                    Back.AnswerReceive((ushort)(id % 160), offset, (ushort)(flags % 16), status);
                    Back.AnswerTransmit((ushort)(id % 80), status);
                    Assert.InRange(nic.Peek().Length, 0, Nic.MaximumFrameSize);
                    nic.Release();
                    nic.TryTransmit(new byte[60]);
                }

                nic.IsLinkUp();
                nic.Close();
                Assert.Equal(0, nic.GrantedPages);
            }).QuickCheckThrowOnFailure();
        Xen.TakeViolations(); // What the backend thinks of rings that it has spoilt itself.
    }
}

/// <summary>Frames from the backend, on Linux' backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontReceiveOnLinuxTests() : NetfrontReceiveTests(NetbackKind.Linux);

/// <summary>Frames from the backend, on QEMU's backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontReceiveOnQemuTests() : NetfrontReceiveTests(NetbackKind.Qemu);
