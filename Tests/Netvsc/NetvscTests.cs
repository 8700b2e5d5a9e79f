using System;
using System.Collections.Generic;
using System.Linq;
using BusDrivers.Vmbus;
using NicDrivers;
using Tests.HyperV;
using Tests.Simulation;
using Tests.Snp;
using Uefi.Interop;
using Uefi.Interop.DevicePaths;
using Uefi.Interop.Raw;
using Xunit;
using static Tests.Netvsc.NetvscMachine;

namespace Tests.Netvsc;

/// <summary>netvsc against the simulated host, from driver binding to the wire, on our bus where nothing else is said.</summary>
[Collection("Firmware")]
public sealed unsafe class NetvscTests : IDisposable
{
    private readonly List<NetvscMachine> _machines = [];

    public void Dispose() => _machines.ForEach(each => each.Dispose());

    private NetvscMachine Make(VmbusKind kind = VmbusKind.Ours, Action<NetvspDevice>? prepare = null)
    {
        NetvscMachine machine = new(kind, prepare);
        _machines.Add(machine);
        return machine;
    }

    private NetvscMachine Open(Action<NetvspDevice>? prepare = null, uint filters = 0, params MacAddress[] groups)
    {
        NetvscMachine machine = Make(prepare: prepare);
        machine.Open(filters, groups);
        return machine;
    }

    // What firmware sees

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void Connect_MakesANetworkInterface_WithTheHostsAddress(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        SnpClient client = machine.Connect();
        Assert.Equal(new MacAddress(Address), client.CurrentAddress);
        Assert.Equal(1500u, client.Mode.MaxPacketSize);
        Assert.Equal(1, client.Mode.MediaPresentSupported);
        Assert.Equal("Hyper-V Network Adapter {2D5CF4A1-0D0E-4E7C-9D5B-3F0C8A6B1E77}", machine.NameOf(machine.ChannelHandle, default));
        Assert.Equal(
            "Hyper-V Network Adapter {2D5CF4A1-0D0E-4E7C-9D5B-3F0C8A6B1E77} 00:15:5d:0a:0b:0c",
            machine.NameOf(machine.ChannelHandle, machine.Child));
        byte[] path = DevicePath.Measure(machine.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(machine.Child)).ToArray();
        byte[] parent = DevicePath.WithoutEnd(
            DevicePath.Measure(machine.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(machine.ChannelHandle))).ToArray();
        // On Hyper-V's own firmware, as NetvscDxe has it: boot entries are written by the host before there is an address.
        byte[] node = kind == VmbusKind.Ours ? SimulatedPath.Mac(Address) : [3, 11, 37, 0, .. new byte[33]];
        Assert.Equal([.. parent, .. node, 0x7F, 0xFF, 4, 0], path);
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void LoadConnectUseDisconnectReconnectUnload_ForEver_LeavesNothing(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        for (int i = 0; i < 20; i++)
        {
            machine.Open();
            machine.ExpectSent(Frame(i));
            machine.Device.Deliver(Frame(i), Frame(i + 1));
            machine.ExpectReceived(Frame(i));
            Assert.True(machine.Simulated.Disconnect(machine.ChannelHandle).IsSuccess);
            Assert.False(machine.Channel.IsOpen);
            machine.Connect();
            Assert.True(machine.Channel.IsOpen);
            machine.Uninstall();
            Assert.Equal(2 * (i + 1), machine.Device.Rndis.HaltCount);
            machine.Install();
        }
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void AnythingThatIsNotToBeHad_WhileConnecting_LeavesNothing(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            int calls = 0;
            string victim = "";
            machine.Simulated.Intercept = service =>
            {
                bool takes = service.StartsWith("Allocate") || service.StartsWith("Create") || service.StartsWith("Install") ||
                    service.StartsWith("Open");
                if (!takes || calls++ != nth)
                {
                    return default;
                }
                victim = service;
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            };
            bool connected = machine.Simulated.Connect(machine.Controller, recursive: true).IsSuccess;
            failed = victim.Length > 0;
            machine.Simulated.Intercept = null;
            machine.ExpectRingsKept();
            Assert.True(connected || failed);
            Assert.True(!machine.Child.IsNull || failed);
            machine.Uninstall();
            machine.Install();
        }
    }

    [Fact]
    public void AnIsolatedMachine_IsLeftAlone()
    {
        NetvscMachine marked = Make(VmbusKind.MicrosoftIsolated);
        Assert.True(marked.Simulated.Connect(marked.Controller).IsError);
        marked.Dispose();

        NetvscMachine told = Make(VmbusKind.Microsoft);
        told.Microsoft.TellsProcessor = true;
        told.Host.Isolation = 2;
        Assert.True(told.Simulated.Connect(told.Controller).IsError);
        Assert.False(told.Channel.IsOpen);
        told.Host.Isolation = 0;
        told.Connect();
    }

    [Fact]
    public void FirmwareThatMovesSharedPages_IsLeftAlone()
    {
        NetvscMachine machine = Make(VmbusKind.Microsoft);
        machine.Microsoft.MovesPages = true;
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft, true)]
    [InlineData(VmbusKind.Microsoft, false)]
    [InlineData(VmbusKind.MicrosoftLegacy, true)]
    [InlineData(VmbusKind.MicrosoftLegacy, false)]
    public void FirmwareThatRefuses_LeavesNothing(VmbusKind kind, bool atOpen)
    {
        NetvscMachine machine = Make(kind);
        machine.Microsoft.GpadlStatus = atOpen ? default : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        machine.Microsoft.OpenStatus = atOpen ? EFI_STATUS.EFI_OUT_OF_RESOURCES : default;
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
        machine.Uninstall();
        machine.Microsoft.GpadlStatus = default;
        machine.Microsoft.OpenStatus = default;
        machine.Install();
        machine.Open();
    }

    [Fact]
    public void AChannelOfAnotherClass_IsNotNetvscs()
    {
        NetvscMachine machine = Make();
        Guid video = new("da0a7802-e377-4aac-8e77-0558eb1073f8");
        RawDevice other = new(video, new Guid(7, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        machine.Host.Vmbus.Add(other);
        machine.Connect();
        Assert.Equal(2, machine.Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>().Count);
        Assert.False(other.Channel!.IsOpen);
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void ExitBootServices_ClosesTheChannel_AndLeavesTheMemoryMap(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        machine.Open();
        machine.Device.Deliver(Frame(1));
        HostChannel channel = machine.Channel;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess); // With the map's key of before.
        Assert.False(channel.IsOpen);
        Assert.Equal(1, machine.Device.Rndis.HaltCount);
        Assert.Contains(NvspMessage.RevokeReceiveBuffer, machine.Device.Log);
        Assert.Contains(NvspMessage.RevokeSendBuffer, machine.Device.Log);
    }

    [Fact]
    public void ExitBootServices_WhenTheHostDoesNotAnswer_IsOverInTime()
    {
        NetvscMachine machine = Open();
        machine.ExpectsNothingLeft = false;
        machine.Channel.IsPaused = true;
        TimeSpan before = machine.Simulated.Elapsed;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, 10);
        machine.Host.TakeViolations(); // That the buffers were not revoked.
    }

    // Set-up

    [Theory]
    [InlineData(NetvspDevice.Nvsp61, NetvspDevice.Nvsp5, 1)]
    [InlineData(NetvspDevice.Nvsp5, NetvspDevice.Nvsp5, 1)]
    [InlineData(NetvspDevice.Nvsp4, NetvspDevice.Nvsp4, 2)]
    [InlineData(NetvspDevice.Nvsp2, NetvspDevice.Nvsp2, 3)]
    [InlineData(NetvspDevice.Nvsp1, NetvspDevice.Nvsp1, 4)]
    public void Version_IsTheHighestOfUseThatTheHostTakes(uint highest, uint expected, int attempts)
    {
        foreach (uint refusal in new uint[] { 0, 2, 7 })
        {
            using NetvscMachine machine = new(prepare: device =>
            {
                device.Versions.RemoveWhere(each => each > highest);
                device.Faults.RefusalStatus = refusal;
            });
            machine.Open();
            Assert.Equal(expected, machine.Device.Version);
            Assert.Equal(attempts, machine.Device.Inits.Count);
            NvspMessage[] setUp = [.. machine.Device.Log.Where(each => each is not (NvspMessage.Init or NvspMessage.RndisPacket))];
            NvspMessage[] config = expected == NetvspDevice.Nvsp1 ? [] : [NvspMessage.NdisConfig];
            Assert.Equal([.. config, NvspMessage.NdisVersion, NvspMessage.SendReceiveBuffer, NvspMessage.SendSendBuffer], setUp);
            Assert.Equal(1514u, machine.Device.Mtu);
            machine.ExpectSent(Frame(1));
            machine.Device.Deliver(Frame(2));
            machine.ExpectReceived(Frame(2));
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("receive buffer")]
    [InlineData("initialize")]
    [InlineData("address")]
    [InlineData("silence")]
    public void AHostThatRefuses_HasNoAdapter_AndNothingIsLeft(string what)
    {
        NetvscMachine machine = Make();
        NetvspDevice device = machine.Device;
        switch (what)
        {
            case "version":
                device.Versions.Clear();
                break;
            case "receive buffer":
                device.Faults.ReceiveBufferStatus = 2;
                break;
            case "initialize":
                device.Faults.Unanswered.Add(RndisMessage.Initialize);
                break;
            case "address":
                device.Faults.ObjectStatus[Oid.PermanentAddress] = 0xC000_0001;
                device.Faults.ObjectStatus[Oid.CurrentAddress] = 0xC000_0001;
                break;
            default:
                device.Faults.TamperCompletion = (_, _) => null;
                break;
        }
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Child.IsNull);
        Assert.InRange(machine.Simulated.Elapsed.TotalSeconds, 0, 10);
        Assert.False(machine.Channel.IsOpen);
        if (what == "silence")
        {
            machine.Host.TakeViolations(); // That a buffer was not revoked: the host does not answer.
        }
    }

    [Fact]
    public void TheCurrentAddress_DoesWhereThereIsNoPermanentOne()
    {
        NetvscMachine machine = Open(device => device.Faults.ObjectStatus[Oid.PermanentAddress] = 0xC000_0001);
        Assert.Equal(new MacAddress(Address), machine.Client.CurrentAddress);
    }

    [Fact]
    public void Mtu_IsWhatTheAdapterSays()
    {
        NetvscMachine machine = Make(prepare: device => device.Faults.TamperRndis = (type, message) =>
        {
            // An answer with a value of 4 bytes that is 1500.
            if (type == RndisMessage.QueryComplete && message.Length == 28 && BitConverter.ToUInt32(message, 24) == 1500)
            {
                BitConverter.TryWriteBytes(message.AsSpan(24), 1400);
            }
            return message;
        });
        Assert.Equal(1400u, machine.Connect().Mode.MaxPacketSize);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(32, false)]
    [InlineData(40, true)]
    public void Completions_MayBePadded_AndComeAfterTheAnswer(int padding, bool late)
    {
        NetvscMachine machine = Open(device =>
        {
            device.Faults.CompletionPadding = padding;
            device.Faults.RespondsBeforeCompletion = late;
        });
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }

    // Frames

    [Theory]
    [InlineData(VmbusKind.Ours, false, true)]
    [InlineData(VmbusKind.Ours, true, false)]
    [InlineData(VmbusKind.Microsoft, false, false)]
    [InlineData(VmbusKind.Microsoft, true, true)]
    [InlineData(VmbusKind.MicrosoftLegacy, false, true)]
    public void Frames_GoBothWays_OfAllSizes_ManyTimesAroundTheRings(VmbusKind kind, bool direct, bool coversSection)
    {
        NetvscMachine machine = Make(kind, device =>
        {
            device.Faults.SendBufferStatus = direct ? 2u : 1;
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
        Assert.Equal(direct, machine.Device.DirectCount > 3000);
        Assert.Equal(!direct, machine.Device.SendSectionCount > 3000);
        Assert.Equal(!direct, machine.Device.HasSendBuffer);
    }

    [Fact]
    public void SendSections_ThatNoFrameFitsIn_AreNotUsed()
    {
        NetvscMachine machine = Open(device => device.Faults.TamperCompletion = (answers, message) =>
        {
            if (answers == NvspMessage.SendSendBuffer)
            {
                BitConverter.TryWriteBytes(message.AsSpan(8), 1024);
            }
            return message;
        });
        machine.ExpectSent(Frame(1, 1514));
        Assert.Equal(0, machine.Device.SendSectionCount);
        Assert.NotEqual(0, machine.Device.DirectCount);
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
        Assert.InRange(received, 100, 2999);
        Assert.Equal(0, machine.Device.OutstandingCount);
        EFI_NETWORK_STATISTICS statistics = machine.Client.Statistics();
        Assert.Equal((ulong)machine.Device.DeliveredCount, statistics.RxGoodFrames + statistics.RxDroppedFrames);
        machine.Device.Deliver(Frame(1));
        machine.ExpectReceived(Frame(1));
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
        Assert.InRange(sent.Count, 32, 64);
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
        Assert.InRange(sent, 16, 64);
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

    // Filters, link, keep-alive

    [Fact]
    public void Filter_IsZeroWhileNobodyHasTheNicOpen()
    {
        NetvscMachine machine = Make();
        SnpClient client = machine.Connect();
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.True(client.Start().IsSuccess);
        Assert.True(client.Initialize().IsSuccess);
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.True(client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
        Assert.Equal(9u, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1));
        Assert.True(client.Shutdown().IsSuccess);
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.True(client.Initialize().IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, client.Receive(out _));
        Assert.True(client.Reset().IsSuccess);
        Assert.Equal(0, machine.Device.Rndis.HaltCount);
    }

    [Fact]
    public void Filters_AreTheAdaptersOwn_WithTheListOfGroups()
    {
        NetvscMachine machine = Open();
        RndisAdapter rndis = machine.Device.Rndis;
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        byte[] other = [0x33, 0x33, 0, 0, 0, 1];
        Assert.True(machine.Client.ReceiveFilters(Multicast, 0, false, new MacAddress(group), new MacAddress(other)).IsSuccess);
        Assert.Equal(0xBu, rndis.Filter);
        Assert.Equal([group, other], rndis.Multicast);
        machine.Device.Deliver(Frame(1, 60, group), Frame(2, 60, [0x01, 0x00, 0x5E, 9, 9, 9]));
        machine.ExpectReceived(Frame(1, 60, group));
        machine.ExpectNothing();
        Assert.True(machine.Client.ReceiveFilters(AllMulticast, Multicast | Unicast).IsSuccess);
        Assert.Equal(0xCu, rndis.Filter);
        Assert.True(machine.Client.ReceiveFilters(Promiscuous, 0).IsSuccess);
        Assert.Equal(0x2Cu, rndis.Filter);
        machine.Device.Deliver(Frame(3, 60, [2, 2, 2, 2, 2, 2]));
        machine.ExpectReceived(Frame(3, 60, [2, 2, 2, 2, 2, 2]));
    }

    [Fact]
    public void AListThatTheAdapterRefuses_BecomesAllGroups()
    {
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        NetvscMachine machine = Open(device => device.Faults.ObjectStatus[Oid.MulticastList] = 0xC000_00BB);
        Assert.True(machine.Client.ReceiveFilters(Multicast, 0, false, new MacAddress(group)).IsSuccess);
        Assert.Equal(0xDu, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1, 60, [0x01, 0x00, 0x5E, 9, 9, 9]), Frame(2, 60, group));
        machine.ExpectReceived(Frame(2, 60, group));
        machine.ExpectNothing();
    }

    [Fact]
    public void AnotherStationAddress_IsReceivedPromiscuously()
    {
        NetvscMachine machine = Open();
        byte[] station = [2, 2, 2, 2, 2, 2];
        Assert.True(machine.Client.StationAddress(false, new MacAddress(station)).IsSuccess);
        Assert.Equal(0x29u, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1), Frame(2, 60, station));
        machine.ExpectReceived(Frame(2, 60, station));
        machine.ExpectNothing();
        Assert.True(machine.Client.StationAddress(true, null).IsSuccess);
        Assert.Equal(9u, machine.Device.Rndis.Filter);
    }

    [Fact]
    public void Link_IsWhatTheHostSays_AtTheBeginningAndFromThenOn()
    {
        NetvscMachine machine = Open(device => device.Rndis.IsLinkUp = false);
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        foreach (bool isUp in new[] { true, false, true })
        {
            machine.Device.Rndis.IsLinkUp = isUp;
            machine.Client.Interrupts();
            Assert.Equal(isUp ? 1 : 0, machine.Client.Mode.MediaPresent);
        }
        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void AChangedNetwork_IsAskedForItsLink()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.TamperRndis = (type, message) => type == RndisMessage.IndicateStatus && message[8] == 0x0C ? null : message;
        machine.Device.Rndis.IsLinkUp = false; // Of which nothing is said.
        machine.Client.Interrupts();
        Assert.Equal(1, machine.Client.Mode.MediaPresent);
        machine.Device.Rndis.IndicateStatus(0x4001_0018);
        machine.Client.Interrupts();
        machine.Client.Interrupts();
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
    }

    [Fact]
    public void KeepAlives_AreAnswered_AlsoWhenNoSlotIsFreeAtFirst()
    {
        NetvscMachine machine = Open();
        machine.Device.Rndis.SendKeepAlive();
        machine.ExpectNothing();
        Assert.Equal(1, machine.Device.Rndis.KeepAliveAnswers);
        machine.Device.Faults.HoldsCompletions = true;
        while (machine.Client.Transmit(Frame(1), out _).IsSuccess)
        {
            machine.Client.Recycled();
        }
        machine.Device.Rndis.SendKeepAlive();
        machine.ExpectNothing();
        Assert.Equal(1, machine.Device.Rndis.KeepAliveAnswers);
        machine.Device.Faults.HoldsCompletions = false;
        machine.Device.ReleaseCompletions();
        machine.ExpectNothing();
        Assert.Equal(2, machine.Device.Rndis.KeepAliveAnswers);
    }

    [Fact]
    public void AHostThatLeavesARequestUnanswered_IsWaitedForOnce_AndTheResetBeginsFromNothing()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.Unanswered.Add(RndisMessage.Set);
        TimeSpan before = machine.Simulated.Elapsed;
        for (int i = 0; i < 10; i++)
        {
            machine.Client.ReceiveFilters(i % 2 == 0 ? AllMulticast : 0, i % 2 == 0 ? 0 : AllMulticast);
        }
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 1, 5);
        machine.ExpectSent(Frame(1));
        machine.Device.Faults.Unanswered.Add(RndisMessage.Query);
        Assert.True(machine.Client.Reset().IsError);
        machine.Device.Faults.Unanswered.Clear();
        Assert.True(machine.Client.Initialize().IsSuccess);
        Assert.True(machine.Client.ReceiveFilters(Unicast, 0).IsSuccess);
        machine.ExpectSent(Frame(2));
        machine.Device.Deliver(Frame(3));
        machine.ExpectReceived(Frame(3));
    }

    // The host takes the device away, or another loader the host

    [Fact]
    public void Rescind_TakesTheInterfaceAway_AndNothingWaitsForIt()
    {
        NetvscMachine machine = Open();
        machine.Device.Deliver(Frame(1));
        machine.Host.Vmbus.Rescind(machine.Device);
        TimeSpan before = machine.Simulated.Elapsed;
        // Before the bus has removed it.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Transmit(Frame(2), out _));
        machine.Client.Interrupts();
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, machine.Client.Reset());
        Firmware.RestoreTpl(tpl);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(machine.Child.IsNull);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, 2);
        // As in Linux, the GPADLs of a channel that is gone are not torn down: a real host has forgotten them.
        Assert.All(machine.Host.TakeViolations(), each => Assert.Contains("which has GPADLs", each));
        machine.RescindsWithGpadls = true;
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0x0003_0000u)]
    public void Takeover_IsSurvived_WithStateAndFilters(uint? contact)
    {
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        NetvscMachine machine = Open(null, Multicast, new MacAddress(group));
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        for (int round = 0; round < 5; round++)
        {
            machine.Device.Deliver(Frame(1), Frame(2)); // Of which one is not read before.
            machine.ExpectReceived(Frame(1));
            machine.Device.Faults.HoldsCompletions = true;
            Assert.True(machine.Client.Transmit(Frame(3), out nint buffer).IsSuccess);
            machine.Host.TakeOver((ulong)foreign.Address, contact);
            machine.Device.Faults.HoldsCompletions = false;
            Assert.Equal(buffer, machine.Client.Recycled());
            machine.Client.Interrupts();
            Assert.Equal(1, machine.Client.Mode.MediaPresent); // A link that goes down takes addresses with it.
            machine.Simulated.Advance(TimeSpan.FromSeconds(1));
            machine.Client.Interrupts();

            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, machine.Client.Mode.State);
            Assert.Equal(new MacAddress(Address), machine.Client.CurrentAddress);
            Assert.Equal(1, machine.Client.Mode.MediaPresent);
            Assert.Equal(0xBu, machine.Device.Rndis.Filter);
            Assert.Equal([group], machine.Device.Rndis.Multicast);
            machine.ExpectNothing();
            machine.Device.Frames.Clear();
            for (int i = 0; i < 100; i++)
            {
                machine.ExpectSent(Frame(i));
                machine.Device.Deliver(Frame(i));
                machine.ExpectReceived(Frame(i));
            }
            machine.ExpectNothing();
            Assert.Equal(0, machine.Device.OutstandingCount);
        }
    }

    [Fact]
    public void Takeover_WhileTheNicIsClosed_IsNoticedWhenItOpens()
    {
        NetvscMachine machine = Make();
        machine.Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        Assert.True(machine.Client.Start().IsSuccess);
        Assert.True(machine.Client.Initialize().IsSuccess);
        Assert.True(machine.Client.ReceiveFilters(Unicast, 0).IsSuccess);
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }

    [Fact]
    public void Takeover_AfterWhichTheHostRefuses_LeavesANicWithoutLink_UntilItIsReset()
    {
        NetvscMachine machine = Open();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.ReceiveBufferStatus = 2;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        machine.Client.Interrupts();
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Transmit(Frame(1), out _));
        machine.ExpectNothing();
        machine.Device.Faults.ReceiveBufferStatus = 1;
        Assert.True(machine.Client.Reset().IsSuccess);
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }

    // What it costs

    /// <summary>
    /// Copies are what the driver's sources do: none of a received frame before the SNP's into the client's buffer, one of a sent frame. What
    /// the host sees is counted here.
    /// </summary>
    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    public void Frames_CostFewSignals_AndNoOtherHypercall(VmbusKind kind)
    {
        const int Count = 1024;
        NetvscMachine machine = Make(kind, device => device.MaximumRanges = 1);
        machine.Open();
        machine.Channel.IsPaused = true; // As a host that is as busy as the guest.
        int signals = machine.Channel.SignalCount;
        int packets = machine.Channel.PacketCount;
        int posts = machine.Host.PostCount;
        int calls = machine.Host.SignalCount;
        for (int i = 0; i < Count; i += 256)
        {
            machine.Device.Deliver([.. Enumerable.Range(i, 256).Select(each => Frame(each, 1514))]);
            for (int k = i; k < i + 256; k++)
            {
                machine.ExpectReceived(Frame(k, 1514));
            }
            machine.ExpectNothing();
            machine.Channel.IsPaused = false;
            machine.Channel.IsPaused = true;
        }
        int received = machine.Channel.SignalCount - signals;
        machine.Channel.IsPaused = false;
        Assert.Equal(Count, machine.Channel.PacketCount - packets); // One completion a packet.
        Assert.InRange(received, 1, 8);

        machine.Channel.IsPaused = false;
        signals = machine.Channel.SignalCount;
        packets = machine.Channel.PacketCount;
        for (int i = 0; i < Count; i++)
        {
            machine.ExpectSent(Frame(i, 1514));
        }
        Assert.Equal(Count, machine.Channel.PacketCount - packets);      // One packet a frame,
        Assert.Equal(Count, machine.Channel.SignalCount - signals);      // and one signal where the host is idle before each.
        Assert.Equal(0, machine.Channel.UnneededSignalCount);
        Assert.Equal(posts, machine.Host.PostCount);
        Assert.Equal(Count + received, machine.Host.SignalCount - calls); // No hypercall is for anything else.
    }

    [Fact]
    public void Completions_AreSentInBatches_ToAHostThatReadsAtOnce()
    {
        NetvscMachine machine = Open(device => device.MaximumRanges = 1);
        int signals = machine.Channel.SignalCount;
        machine.Device.Deliver([.. Enumerable.Range(0, 256).Select(each => Frame(each))]);
        for (int i = 0; i < 256; i++)
        {
            Assert.InRange(machine.Device.OutstandingCount, 256 - i, 256 - i + 16);
            machine.ExpectReceived(Frame(i));
        }
        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.Equal(0, machine.Channel.UnneededSignalCount);
        Assert.InRange(machine.Channel.SignalCount - signals, 1, 256);
    }
}
