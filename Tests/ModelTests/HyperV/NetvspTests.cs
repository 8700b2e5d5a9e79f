using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

public sealed class WindowsNetvspTests() : NetvspTests(HostKind.Windows);

public sealed class OpenVmmNetvspTests() : NetvspTests(HostKind.OpenVmm);

public abstract class NetvspTests : IDisposable
{
    private const int BufferPages = 32;

    private static readonly byte[] s_address = [0x00, 0x15, 0x5D, 0x0A, 0x0B, 0x0C];

    private readonly ScriptedGuest _guest;
    private readonly NetvspDevice _device;
    private readonly GuestChannel _channel;
    private int _receivePage;
    private int _sendPage;
    private uint _receiveGpadl;
    private uint _sendGpadl;
    private uint _sectionSize;

    protected NetvspTests(HostKind kind)
    {
        _guest = new ScriptedGuest(kind);
        _device = new NetvspDevice(_guest.Host, s_address);
        _guest.Host.Vmbus.Add(_device);
        _guest.Connect();
        _channel = _guest.Open(_device.Channel!, 8);
    }

    private HyperVHost Host => _guest.Host;

    private bool IsOpenVmm => Host.Kind == HostKind.OpenVmm;

    public void Dispose() => _guest.Dispose();

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return bytes;
    }

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    /// <summary>Sends a request, and gives the payload of its completion.</summary>
    private byte[] Ask(params ReadOnlySpan<uint> words)
    {
        byte[] message = Words(words);
        Array.Resize(ref message, 40);
        _channel.Send(message, 77);
        byte[] answer = _channel.Expect(PacketType.Completion, out ulong transaction);
        Assert.Equal(77ul, transaction);
        return answer;
    }

    private void SetUp(uint version = NetvspDevice.Nvsp61)
    {
        Assert.Equal(1u, Word(Ask(1, version, version), 12));
        if (version != NetvspDevice.Nvsp1)
        {
            Assert.Empty(Ask(125, 1514, 0, 0, 0));
        }

        Assert.Empty(Ask(100, 6, 30));
        _receivePage = _guest.TakePages(BufferPages);
        _receiveGpadl = _guest.CreateGpadl(_device.Channel!, _receivePage, BufferPages);
        byte[] answer = Ask(101, _receiveGpadl, 0xCAFE);
        Assert.Equal((102u, 1u, 1u), (Word(answer, 0), Word(answer, 4), Word(answer, 8)));
        _sectionSize = Word(answer, 16);
        Assert.Equal(1806u, _sectionSize);
        _sendPage = _guest.TakePages(8);
        _sendGpadl = _guest.CreateGpadl(_device.Channel!, _sendPage, 8);
        answer = Ask(104, _sendGpadl, 0xBEEF);
        Assert.Equal((105u, 1u, 6144u), (Word(answer, 0), Word(answer, 4), Word(answer, 8)));
    }

    /// <summary>Sends an RNDIS message through a section of the send buffer, and reads its completion.</summary>
    private void SendRndis(byte[] message, uint section = 0, bool isControl = true)
    {
        message.CopyTo(_guest.Bytes(_sendPage, 8)[((int)section * 6144)..]);
        byte[] answer = Ask(107, isControl ? 1u : 0, section, (uint)message.Length);
        Assert.Equal((108u, 1u), (Word(answer, 0), Word(answer, 4)));
    }

    /// <summary>The messages of the next transfer-page packet, which is completed.</summary>
    private byte[][] ReceiveRndis(bool completes = true)
    {
        byte[]? packet = _channel.Receive();
        Assert.NotNull(packet);
        Assert.Equal(7, packet[0]);
        Assert.Equal(0xCAFE, BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(16)));
        List<byte[]> messages = [];
        for (int i = 0; i < Word(packet, 20); i++)
        {
            int length = (int)Word(packet, 24 + (i * 8));
            int offset = (int)Word(packet, 28 + (i * 8));
            messages.Add(_guest.Bytes(_receivePage, BufferPages).Slice(offset, length).ToArray());
        }

        if (completes)
        {
            _channel.Send(Words(108, 1), BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8)), false, 11);
        }

        return [.. messages];
    }

    private byte[] AskRndis(params ReadOnlySpan<uint> words)
    {
        SendRndis(Words(words));
        return Assert.Single(ReceiveRndis());
    }

    private void StartRndis(uint filter = 0xB)
    {
        Assert.Equal(0x8000_0002u, Word(AskRndis(2, 24, 1, 1, 0, 0x4000), 0));
        Assert.Equal((0x8000_0005u, 0u), AskRndis(5, 32, 2, Oid.PacketFilter, 4, 20, 0, filter) is var answer ? (Word(answer, 0), Word(answer, 12)) : default);
    }

    private static byte[] Frame(int length, byte mark, ReadOnlySpan<byte> target = default)
    {
        byte[] frame = new byte[length];
        Array.Fill(frame, mark);
        (target.IsEmpty ? s_address : target).CopyTo(frame);
        return frame;
    }

    private static byte[] FrameOf(byte[] message) => message.AsSpan(8 + (int)Word(message, 8), (int)Word(message, 12)).ToArray();

    [Theory]
    [InlineData(NetvspDevice.Nvsp1)]
    [InlineData(NetvspDevice.Nvsp5)]
    [InlineData(NetvspDevice.Nvsp61)]
    public void SetUp_InOrder_IsWithoutViolations(uint version)
    {
        SetUp(version);
        StartRndis();
        Assert.Equal(version, _device.Version);
        Assert.Empty(Host.Violations);
        Assert.Equal(0, _device.OutstandingCount);
    }

    [Fact]
    public void Init_OfAVersionThatItDoesNotTake_IsRefused()
    {
        _device.Versions.Remove(NetvspDevice.Nvsp61);
        Assert.Equal(IsOpenVmm ? 0u : 2, Word(Ask(1, NetvspDevice.Nvsp61, NetvspDevice.Nvsp61), 12));
        SetUp(NetvspDevice.Nvsp6);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void NdisVersion_BeforeNdisConfig_IsAViolation()
    {
        Ask(1, NetvspDevice.Nvsp5, NetvspDevice.Nvsp5);
        Ask(100, 6, 0);
        Assert.Contains("before NDIS_CONFIG", Assert.Single(Host.TakeViolations()));
    }

    [Fact]
    public void Queries_AnswerBehindByte8_OrFailWithNothing()
    {
        SetUp();
        StartRndis();
        byte[] answer = AskRndis(4, 28, 9, Oid.PermanentAddress, 0, 0, 0);
        Assert.Equal((9u, 0u, 6u), (Word(answer, 8), Word(answer, 12), Word(answer, 16)));
        Assert.Equal(s_address, answer.AsSpan(8 + (int)Word(answer, 20), 6).ToArray());
        answer = AskRndis(4, 28, 10, 0x7777, 0, 0, 0);
        Assert.Equal((0xC000_00BBu, 0u, IsOpenVmm ? 16u : 0), (Word(answer, 12), Word(answer, 16), Word(answer, 20)));
    }

    [Fact]
    public void Frames_OfOneDelivery_ComeInOnePacket_EachInItsRange()
    {
        SetUp();
        StartRndis();
        byte[][] frames = [Frame(60, 1), Frame(1514, 2), Frame(600, 3)];
        _device.Deliver(frames);
        byte[][] messages = ReceiveRndis();
        Assert.Equal(frames, messages.Select(FrameOf));
        Assert.All(messages, each => Assert.Equal(_sectionSize, Word(each, 4))); // as long as its range
        Assert.Equal(0, _device.OutstandingCount);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void Suballocations_ThatAreNotCompleted_RunOut()
    {
        SetUp();
        StartRndis();
        int count = (BufferPages * ScriptedGuest.Page / (int)_sectionSize) - _device.ControlSections;
        Assert.Equal(IsOpenVmm ? 16 : 0, _device.ControlSections);
        _device.MaximumRanges = 1;
        for (int i = 0; i <= count; i++)
        {
            _device.Deliver(Frame(60, (byte)i));
        }

        for (int i = 0; i < count; i++)
        {
            ReceiveRndis(completes: i == count - 1);
        }

        Assert.Equal((byte)count, FrameOf(ReceiveRndis().Single())[59]); // sent when one came back
        Assert.Null(_channel.Receive());
    }

    [Theory]
    [InlineData(0x1u, true, false, false)]
    [InlineData(0x8u, false, true, false)]
    [InlineData(0x4u, false, false, true)]
    [InlineData(0x20u, true, true, true)]
    [InlineData(0x0u, false, false, false)]
    public void Filter_DecidesWhatIsDelivered(uint filter, bool directed, bool broadcast, bool multicast)
    {
        SetUp();
        StartRndis(filter);
        bool isAll = IsOpenVmm && filter != 0;
        directed |= isAll;
        broadcast |= isAll;
        multicast |= isAll;
        _device.Deliver(Frame(60, 1));
        Assert.Equal(directed ? 1 : 0, _device.DeliveredCount);
        _device.Deliver(Frame(60, 2, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Equal(broadcast, _device.DeliveredCount == (directed ? 2 : 1));
        int before = _device.DeliveredCount;
        _device.Deliver(Frame(60, 3, [0x01, 0x00, 0x5E, 0x00, 0x00, 0x01]));
        Assert.Equal(multicast, _device.DeliveredCount == before + 1);
    }

    [Fact]
    public void Transmit_BySendBuffer_ReachesTheWire()
    {
        SetUp();
        StartRndis();
        byte[] frame = Frame(100, 7);
        SendRndis([.. Words(1, 144, 36, 100, 0, 0, 0, 0, 0, 0, 0), .. frame], 2, isControl: false);
        Assert.Equal(frame, _device.Frames.Dequeue());
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void SendSection_UsedAgainBeforeItsCompletion_IsAViolation()
    {
        SetUp();
        StartRndis();
        _device.Faults.HoldsCompletions = true;
        byte[] message = [.. Words(1, 104, 36, 60, 0, 0, 0, 0, 0, 0, 0), .. Frame(60, 7)];
        message.CopyTo(_guest.Bytes(_sendPage, 8));
        byte[] request = new byte[40];
        Words(107, 0, 0, 104).CopyTo(request, 0);
        _channel.Send(request, 5);
        Assert.Null(_channel.Receive());
        _channel.Send(request, 6);
        Assert.Single(Host.TakeViolations());
        _device.ReleaseCompletions(newestFirst: true);
        _channel.Expect(PacketType.Completion, out ulong first);
        _channel.Expect(PacketType.Completion, out ulong second);
        Assert.Equal((6ul, 5ul), (first, second));
    }

    [Fact]
    public void SecondCompletionOfAPacket_IsAViolation()
    {
        SetUp();
        StartRndis();
        _device.Deliver(Frame(60, 1));
        byte[] packet = _channel.Receive()!;
        ulong transaction = BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8));
        _channel.Send(Words(108, 1), transaction, false, 11);
        Assert.Empty(Host.Violations);
        _channel.Send(Words(108, 1), transaction, false, 11);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void EmptyCompletionOfAFrame_IsAViolation()
    {
        SetUp();
        StartRndis();
        _device.Deliver(Frame(60, 1));
        byte[] packet = _channel.Receive()!;
        _channel.Send([], BinaryPrimitives.ReadUInt64LittleEndian(packet.AsSpan(8)), false, 11);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void MalformedStatus_StandsBesideData()
    {
        SetUp();
        StartRndis();
        byte[] frame = Frame(60, 9);
        _device.SendRanges(RndisAdapter.NewMalformedStatus(), _device.Rndis.NewPacket(frame));
        byte[][] messages = ReceiveRndis();
        Assert.Equal((7u, 20u, 0x4002_0006u), (Word(messages[0], 0), Word(messages[0], 4), Word(messages[0], 8)));
        Assert.True(messages[0].Length > 20);
        Assert.Equal(frame, FrameOf(messages[1]));
    }

    [Fact]
    public void Vlan_IsToldBesideTheFrame()
    {
        SetUp();
        StartRndis();
        _device.Rndis.StripsVlan = true;
        byte[] frame = Frame(64, 9);
        frame[12] = 0x81;
        frame[13] = 0;
        frame[14] = 0x6A; // priority 3, VID 0xABC
        frame[15] = 0xBC;
        _device.Deliver(frame);
        byte[] message = ReceiveRndis().Single();
        Assert.Equal(60, FrameOf(message).Length);
        Assert.Equal((16u, 6u, 12u, 0xABC3u), (Word(message, 44), Word(message, 48), Word(message, 52), Word(message, 56)));
    }

    [Fact]
    public void Link_IsToldByStatusAndQuery()
    {
        SetUp();
        StartRndis();
        _device.Rndis.IsLinkUp = false;
        Assert.Equal(0x4001_000Cu, Word(ReceiveRndis().Single(), 8));
        Assert.Equal(IsOpenVmm ? 0u : 1, Word(AskRndis(4, 28, 3, Oid.MediaConnectStatus, 0, 0, 0), 24));
        _device.Rndis.IsLinkUp = true;
        Assert.Equal(0x4001_000Bu, Word(ReceiveRndis().Single(), 8));
    }

    [Fact]
    public void Closing_AfterHaltAndRevocation_LeavesNothing()
    {
        SetUp();
        StartRndis();
        SendRndis(Words(3, 12, 5));
        Assert.Null(_channel.Receive()); // HALT has no answer but the completion
        if (IsOpenVmm)
        {
            _channel.Send(Words(103, 0xCAFE, 0, 0), 77);
            Assert.Null(_channel.Receive());
            Assert.True(_device.IsEnded);
        }
        else
        {
            Assert.Empty(Ask(103, 0xCAFE));
            Assert.Empty(Ask(106, 0xBEEF));
        }

        _guest.Post(VmbusMessage.CloseChannel, _device.Channel!.Id);
        _guest.TearDown(_device.Channel, _receiveGpadl);
        _guest.TearDown(_device.Channel, _sendGpadl);
        _guest.TearDown(_device.Channel, _channel.Gpadl);
        _guest.Post(VmbusMessage.Unload);
        _guest.Stop();
        Assert.Empty(Host.Violations);
        Assert.Empty(Host.Remains);
    }

    [Fact]
    public void ReceiveBuffer_TornDownWhileInUse_IsGivenBackWhenTheChannelIsClosed()
    {
        SetUp();
        _guest.Post(VmbusMessage.GpadlTeardown, _device.Channel!.Id, _receiveGpadl);
        Assert.False(_guest.HasMessage);
        _guest.Post(VmbusMessage.CloseChannel, _device.Channel!.Id);
        Assert.Equal(_receiveGpadl, ScriptedGuest.Word(_guest.Expect(VmbusMessage.GpadlTorndown), 8));
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void WhatIsOutOfOrder_EndsOpenVmmsDevice_UntilTheChannelIsOpenedAgain()
    {
        SetUp();
        StartRndis();
        SendRndis(Words(3, 12, 5));
        byte[] initialize = Words(2, 24, 6, 1, 0, 0x4000);
        initialize.CopyTo(_guest.Bytes(_sendPage, 8));
        byte[] request = new byte[40];
        Words(107, 1, 0, (uint)initialize.Length).CopyTo(request, 0);
        _channel.Send(request, 5);
        Assert.Equal(IsOpenVmm, _device.IsEnded); // HALT has changed nothing: INITIALIZE came twice.
        Assert.Equal(IsOpenVmm ? 1 : 0, Host.TakeViolations().Count);
        int before = _device.DeliveredCount;
        _device.Deliver(Frame(60, 1));
        Assert.Equal(before, _device.DeliveredCount);
        _guest.Post(VmbusMessage.CloseChannel, _device.Channel!.Id);
        Assert.False(_device.IsEnded);
    }

    [Fact]
    public void MulticastList_IsTaken_ButNotByOpenVmm()
    {
        SetUp();
        StartRndis();
        byte[] list = [.. Words(5, 34, 3, Oid.MulticastList, 6, 20, 0), 1, 0, 0x5E, 1, 2, 3];
        SendRndis(list);
        Assert.Equal(IsOpenVmm ? 0xC000_00BBu : 0, Word(Assert.Single(ReceiveRndis()), 12));
    }

    [Fact]
    public void Rescind_InMidTransfer_LosesWhatWasOnItsWay()
    {
        SetUp();
        StartRndis();
        _device.Deliver(Frame(60, 1));
        Host.Vmbus.Rescind(_device);
        _guest.Expect(VmbusMessage.RescindChannelOffer);
        _device.Deliver(Frame(60, 2));
        Assert.Equal(0, _device.OutstandingCount);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void VfAssociation_WaitsForItsCompletion()
    {
        SetUp();
        _device.SendVfAssociation(wantsCompletion: true);
        byte[] message = _channel.Expect(PacketType.InBand, out ulong transaction);
        Assert.Equal(128u, Word(message, 0));
        Assert.Equal(1, _device.OutstandingCount);
        _channel.Send([], transaction, false, 11);
        Assert.Equal(0, _device.OutstandingCount);
        Assert.Empty(Host.Violations);
    }
}
