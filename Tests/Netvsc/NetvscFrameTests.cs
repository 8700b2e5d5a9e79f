using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscFrameTests() : NetvscFrameTests(HostKind.Windows);

public sealed class OpenVmmNetvscFrameTests() : NetvscFrameTests(HostKind.OpenVmm);

/// <summary>Frames between netvsc and its host, honest and not.</summary>
public abstract class NetvscFrameTests(HostKind host) : NetvscTest(host)
{
    [Theory]
    [InlineData(VmbusKind.Ours, true)]
    [InlineData(VmbusKind.Ours, false)]
    [InlineData(VmbusKind.Microsoft, false)]
    [InlineData(VmbusKind.Microsoft, true)]
    [InlineData(VmbusKind.MicrosoftLegacy, true)]
    public void Frames_GoBothWays_OfAllSizes_ManyTimesAroundTheRings(VmbusKind kind, bool coversSection)
    {
        NetvscMachine machine = Make(kind, device =>
        {
            device.CoversSection = coversSection;
            device.Rndis.AddsInformation = coversSection;
        });
        machine.Open();
        for (int i = 0; i < 3000; i++)
        {
            byte[] frame = Frame(i, 18 + (i % 1501));
            machine.ExpectSent(frame);
            machine.Device.Deliver(frame);
            machine.ExpectReceived(frame);
        }

        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.True(machine.Device.DirectCount > 3000);
        Assert.False(machine.Device.HasSendBuffer);
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(2000u, 0u)]
    [InlineData(1807u, 3u)]
    [InlineData(9999u, 4097u)]
    public void Sections_MayLieAnywhere(uint size, uint offset)
    {
        NetvscMachine machine = Open(device =>
        {
            device.SectionSize = size;
            device.SectionOffset = offset;
        });
        for (int i = 0; i < 1000; i++)
        {
            machine.Device.Deliver(Frame(i, 1514));
            machine.ExpectReceived(Frame(i, 1514));
        }
    }

    [Fact]
    public void EachRange_IsAFrame_InTheirOrder_AndAPacketIsCompletedOnce()
    {
        NetvscMachine machine = Open(device => device.MaximumRanges = 200);
        for (int round = 0; round < 20; round++)
        {
            machine.Device.Deliver([.. Enumerable.Range(0, 200).Select(each => Frame(each, 60 + each))]);
            for (int i = 0; i < 200; i++)
            {
                Assert.Equal(1, machine.Device.OutstandingCount);
                machine.ExpectReceived(Frame(i, 60 + i));
            }

            machine.ExpectNothing();
            Assert.Equal(0, machine.Device.OutstandingCount);
        }
    }

    [Fact]
    public void TheMalformedStatus_BesideGoodFrames_LosesNothing()
    {
        NetvscMachine machine = Open();
        byte[] status = RndisAdapter.NewMalformedStatus();
        RndisAdapter rndis = machine.Device.Rndis;
        machine.Device.SendRanges(status, rndis.NewPacket(Frame(1)), rndis.NewPacket(Frame(2)));
        machine.Device.SendRanges(rndis.NewPacket(Frame(3)), status, rndis.NewPacket(Frame(4)), status);
        machine.Device.SendRanges(status);
        for (int i = 1; i <= 4; i++)
        {
            machine.ExpectReceived(Frame(i));
        }

        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.Equal(0UL, machine.Client.Statistics().RxDroppedFrames);
        Assert.Equal(1, machine.Client.Mode.MediaPresent);
    }

    [Fact]
    public void RangesAndLengthsThatLie_AreDropped_Counted_AndGivenBack()
    {
        NetvscMachine machine = Open();
        RndisAdapter rndis = machine.Device.Rndis;
        byte[] good = rndis.NewPacket(Frame(1));
        int dropped = 0;
        (int At, uint Value)[] lies =
        [
            (8, 0), (8, 35), (8, 0xFFFF_FFF8), (8, 4000), (12, 0), (12, 13), (12, 1519), (12, 0xFFFF_FFFF), (12, 4000),
        ];
        foreach ((int at, uint value) in lies)
        {
            byte[] bad = [.. good];
            BitConverter.TryWriteBytes(bad.AsSpan(at), value);
            machine.Device.SendRanges(bad, good);
            machine.ExpectReceived(Frame(1));
            machine.ExpectNothing();
            dropped++;
        }

        foreach (int length in new[] { 1, 7, 8, 43 })
        {
            machine.Device.SendRanges(good[..length]);
            machine.ExpectNothing();
            dropped++;
        }

        (uint Length, uint Offset)[] ranges =
        [
            (0, 0), (4, 1 << 20), (60, (1 << 20) - 59), (60, 0xFFFF_FFF0), (0xFFFF_FFFF, 0), (0xFFFF_FFFF, 0xFFFF_FFFF), (1, 1 << 20),
        ];
        foreach ((uint Length, uint Offset) range in ranges)
        {
            machine.Device.Faults.TamperRanges = all => [range, .. all];
            machine.Device.Deliver(Frame(2));
            machine.ExpectReceived(Frame(2));
            machine.ExpectNothing();
            dropped++;
        }

        machine.Device.Faults.TamperRanges = _ => [];
        machine.Device.Deliver(Frame(3));
        machine.ExpectNothing();
        machine.Device.Faults.TamperRanges = null;
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.Equal((ulong)dropped, machine.Client.Statistics().RxDroppedFrames);
        machine.Device.Deliver(Frame(4));
        machine.ExpectReceived(Frame(4));
    }

    [Fact]
    public void MoreRangesThanAnybodySends_AreDropped_AndGivenBack()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.TamperRanges = all => [.. Enumerable.Repeat(all[0], 4000)];
        machine.Device.Deliver(Frame(1));
        machine.Device.Faults.TamperRanges = null;
        int received = 0;
        while (machine.Client.Receive(out _).IsSuccess)
        {
            received++;
        }

        Assert.InRange(received, 512, 4000);
        Assert.Equal(4000UL, machine.Client.Statistics().RxTotalFrames);
        Assert.Equal(0, machine.Device.OutstandingCount);
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }

    [Fact]
    public void PacketsOfOtherSetsAndMessages_AreCompleted_AndNothingElse()
    {
        NetvscMachine machine = Open();
        machine.Host.Vmbus.Channels.Single().Tamper = packet =>
        {
            if (packet[0] == 7)
            {
                packet[16] ^= 1; // The set of pages.
            }

            return packet;
        };
        machine.Device.Deliver(Frame(1));
        machine.Channel.Tamper = null;
        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void InBandMessagesOfTheHosts_AreIgnored_AndCompletedWhenTheyAskForIt()
    {
        NetvscMachine machine = Open();
        machine.Device.SendVfAssociation(wantsCompletion: true);
        machine.Device.SendVfAssociation(wantsCompletion: false);
        machine.Device.SendInBand([134, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0], wantsCompletion: true);
        machine.Device.SendInBand([0xFF, 0xFF], wantsCompletion: true);
        machine.Device.SendInBand([], wantsCompletion: true);
        machine.Device.Deliver(Frame(1));
        machine.ExpectReceived(Frame(1));
        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void ATagThatTheHostHasTakenOut_IsPutBack()
    {
        NetvscMachine machine = Open(device => device.Rndis.StripsVlan = true);
        foreach (ushort tag in new ushort[] { 1, 0xFFF, 0xB123 })
        {
            byte[] frame = Frame(tag, 64 + (tag % 50));
            new byte[] { 0x81, 0x00, (byte)(tag >> 8), (byte)tag, 0x08, 0x00 }.CopyTo(frame, 12);
            machine.Device.Deliver(frame, Frame(1));
            machine.ExpectReceived(frame);
            machine.ExpectReceived(Frame(1));
        }

        byte[] longest = Frame(9, 1518);
        new byte[] { 0x81, 0x00, 0x00, 0x05, 0x08, 0x00 }.CopyTo(longest, 12);
        machine.Device.Deliver(longest);
        machine.ExpectReceived(longest);
        machine.ExpectSent(longest);
    }

    [Fact]
    public void FramesThatNobodyReads_DoNotKeepTheHostFromAnswering()
    {
        NetvscMachine machine = Open();
        for (int i = 0; i < 3000; i++)
        {
            machine.Device.Deliver(Frame(i));
        }

        // The answer comes behind all of them, and needs room of its own.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.ReceiveFilters(AllMulticast, 0));
        Assert.Equal(0xDu, machine.Device.Rndis.Filter);
        int received = 0;
        while (machine.Client.Receive(out _).IsSuccess)
        {
            received++;
        }

        Assert.InRange(received, 280, 2999); // Half of what the host has room for, and what was copied besides.
        Assert.Equal(0, machine.Device.OutstandingCount);
        EFI_NETWORK_STATISTICS statistics = machine.Client.Statistics();
        Assert.Equal((ulong)machine.Device.DeliveredCount, statistics.RxGoodFrames + statistics.RxDroppedFrames);
        machine.Device.Deliver(Frame(1));
        machine.ExpectReceived(Frame(1));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(16, 16)]
    [InlineData(16, 1)]
    [InlineData(100, 100)]
    public void FramesThatNobodyReads_AndThatHoldAllOfTheReceiveBuffer_NeitherStarveAnswersNorAreLost(int sections, int ranges)
    {
        NetvscMachine machine = Open(device =>
        {
            device.ControlSections = 0;
            device.MaximumSections = (uint)sections;
            device.MaximumRanges = ranges;
        });
        for (int round = 0; round < 3; round++)
        {
            machine.Device.Deliver([.. Enumerable.Range(0, sections).Select(each => Frame(each))]);
            TimeSpan before = machine.Simulated.Elapsed;
            Assert.True(machine.Client.ReceiveFilters(round % 2 == 0 ? AllMulticast : 0, round % 2 == 0 ? 0 : AllMulticast).IsSuccess);
            Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 100);
            Assert.Equal(round % 2 == 0 ? 0xDu : 9, machine.Device.Rndis.Filter);
            int kept = Math.Min(sections, 64);
            for (int i = sections - kept; i < sections; i++)
            {
                machine.ExpectReceived(Frame(i));
            }

            machine.ExpectNothing();
            Assert.Equal(0, machine.Device.OutstandingCount);
            machine.Device.Deliver(Frame(9));
            machine.ExpectReceived(Frame(9));
            machine.ExpectNothing(); // So that the host has all of its buffer back.
        }
    }

    [Fact]
    public void FramesThatHoldAllOfTheReceiveBuffer_DoNotKeepTheNicFromClosing()
    {
        NetvscMachine machine = Open(device =>
        {
            device.ControlSections = 0;
            device.MaximumSections = 16;
            device.MaximumRanges = 16;
        });
        machine.Device.Deliver([.. Enumerable.Range(0, 16).Select(each => Frame(each))]);
        machine.Client.Interrupts(); // They are taken, and nobody reads them.
        TimeSpan before = machine.Simulated.Elapsed;
        Assert.True(machine.Client.Shutdown().IsSuccess);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 100);
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void ATransmissionThatFindsNoSlot_LosesNoFrameThatWasReceived()
    {
        NetvscMachine machine = Open(device => device.MaximumRanges = 1);
        machine.Device.Faults.HoldsCompletions = true;
        while (machine.Client.Transmit(Frame(1), out _).IsSuccess)
        {
            machine.Client.Recycled();
        }

        machine.Device.Deliver([.. Enumerable.Range(0, 500).Select(each => Frame(each))]);
        machine.Device.ReleaseCompletions(); // Behind all of them.
        Assert.True(machine.Client.Transmit(Frame(2), out _).IsSuccess);
        for (int i = 0; i < 500; i++)
        {
            machine.ExpectReceived(Frame(i));
        }

        Assert.Equal(0UL, machine.Client.Statistics().RxDroppedFrames);
    }

    [Fact]
    public void CompletionsOfNothing_FreeNothing()
    {
        NetvscMachine machine = Open();
        foreach (ulong transaction in new ulong[] { 0, 1, 0x7F, 0x80, 0xFE, 0xFF, ulong.MaxValue })
        {
            for (int i = 0; i < 200; i++)
            {
                machine.Channel.SendCompletion(transaction, [108, 0, 0, 0, 1, 0, 0, 0]);
                machine.ExpectNothing();
            }
        }

        machine.Device.Faults.HoldsCompletions = true;
        int sent = 0;
        while (machine.Client.Transmit(Frame(sent), out _).IsSuccess)
        {
            machine.Client.Recycled();
            sent++;
        }

        Assert.Equal(128, sent);
        machine.Device.Faults.HoldsCompletions = false;
        machine.Device.ReleaseCompletions();
        Assert.True(machine.Client.ReceiveFilters(AllMulticast, 0).IsSuccess);
        Assert.Equal(0xDu, machine.Device.Rndis.Filter);
    }

    [Fact]
    public void SlotsThatTheHostHolds_AreNotUsed_UntilItsOwnCompletionOfEachComes()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.HoldsCompletions = true;
        List<byte[]> sent = [];
        while (machine.Client.Transmit(Frame(sent.Count, 1000), out _).IsSuccess)
        {
            sent.Add(Frame(sent.Count, 1000));
            machine.Client.Recycled();
        }

        Assert.Equal(128, sent.Count);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Transmit(Frame(1), out _));
        machine.Device.Faults.HoldsCompletions = false;
        machine.Device.ReleaseCompletions(newestFirst: true);
        for (int i = 0; i < 100; i++)
        {
            byte[] frame = Frame(sent.Count, 1000);
            Assert.True(machine.Client.Transmit(frame, out _).IsSuccess);
            machine.Client.Recycled();
            sent.Add(frame);
        }

        Assert.Equal(sent, machine.Device.Frames); // That no slot was used twice, the host has seen.
    }

    [Fact]
    public void AFullRing_IsNotReady_AndGoesOnWhenTheHostReads()
    {
        NetvscMachine machine = Open();
        machine.Channel.IsPaused = true;
        int sent = 0;
        while (machine.Client.Transmit(Frame(sent, 64), out _).IsSuccess)
        {
            machine.Client.Recycled();
            sent++;
        }

        Assert.Equal(128, sent);
        machine.Channel.IsPaused = false;
        Assert.True(machine.Client.Transmit(Frame(sent, 64), out _).IsSuccess);
        Assert.Equal([.. Enumerable.Range(0, sent + 1).Select(each => Frame(each, 64))], machine.Device.Frames.ToArray());
    }

    [Fact]
    public void CompletionsThatTheRingHasNoRoomFor_AreSentLater()
    {
        NetvscMachine machine = Open(device => device.MaximumRanges = 1);
        machine.Device.Deliver([.. Enumerable.Range(0, 500).Select(each => Frame(each))]);
        int before = machine.Device.OutstandingCount;
        machine.Channel.IsPaused = true;
        for (int i = 0; i < before; i++)
        {
            machine.ExpectReceived(Frame(i));
        }

        machine.Channel.IsPaused = false;
        while (machine.Client.Receive(out _).IsSuccess)
        {
        }

        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void Statistics_CountBothWays()
    {
        NetvscMachine machine = Open();
        machine.ExpectSent(Frame(1, 100));
        machine.Device.Deliver(Frame(2, 200), Frame(3, 60, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        machine.ExpectReceived(Frame(2, 200));
        Assert.True(machine.Client.Receive(out _).IsSuccess);
        EFI_NETWORK_STATISTICS statistics = machine.Client.Statistics();
        Assert.Equal((1UL, 100UL), (statistics.TxTotalFrames, statistics.TxTotalBytes));
        Assert.Equal((2UL, 260UL, 1UL), (statistics.RxGoodFrames, statistics.RxTotalBytes, statistics.RxBroadcastFrames));
        Assert.Equal(0UL, statistics.RxDroppedFrames);
    }
}
