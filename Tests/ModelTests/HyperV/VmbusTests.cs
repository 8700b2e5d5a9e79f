using System;
using System.Buffers.Binary;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

public sealed class WindowsVmbusTests() : VmbusTests(HostKind.Windows);

public sealed class OpenVmmVmbusTests() : VmbusTests(HostKind.OpenVmm);

public abstract class VmbusTests : IDisposable
{
    private readonly ScriptedGuest _guest;
    private readonly RawDevice _device = new(Guid.NewGuid(), Guid.NewGuid());

    protected VmbusTests(HostKind kind)
    {
        _guest = new ScriptedGuest(kind);
        Vmbus.Add(_device);
    }

    private HyperVHost Host => _guest.Host;

    private VmbusHost Vmbus => Host.Vmbus;

    private HostChannel Channel => _device.Channel!;

    public void Dispose() => _guest.Dispose();

    [Theory]
    [InlineData(VmbusVersion.V1, 1)]
    [InlineData(VmbusVersion.Win8_1, 1)]
    [InlineData(VmbusVersion.Win10, 0)]
    [InlineData(0x0003_0001u, 0)]
    public void Contact_IsTaken_ForAVersionThatTheHostHas(uint version, byte supported)
    {
        Vmbus.HighestVersion = VmbusVersion.Win8_1;
        _guest.Start();
        _guest.Contact(version);
        Assert.Equal(supported, _guest.Expect(VmbusMessage.VersionResponse)[8]);
        Assert.Equal(supported == 1 ? version : null, Vmbus.Version);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void FromVersion5_MessagesGoToTheConnectionThatTheHostNames()
    {
        _guest.Start();
        _guest.MessageConnection = 4;
        _guest.Contact(VmbusVersion.Iron, VmbusHost.Source);
        byte[] response = _guest.Expect(VmbusMessage.VersionResponse);
        Assert.Equal(Vmbus.MessageConnectionId, ScriptedGuest.Word(response, 12));
        _guest.Post(VmbusMessage.RequestOffers);
        Assert.Single(Host.TakeViolations());
        _guest.MessageConnection = Vmbus.MessageConnectionId;
        _guest.RequestOffers();
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void Offer_NamesClassInstanceAndConnection()
    {
        _guest.Start();
        _guest.Contact(VmbusVersion.Win8_1);
        _guest.Expect(VmbusMessage.VersionResponse);
        _guest.Post(VmbusMessage.RequestOffers);
        byte[] offer = _guest.Expect(VmbusMessage.OfferChannel);
        Assert.Equal(196, offer.Length);
        Assert.Equal(_device.InterfaceType, new Guid(offer.AsSpan(8, 16)));
        Assert.Equal(_device.Instance, new Guid(offer.AsSpan(24, 16)));
        Assert.Equal(Channel.Id, ScriptedGuest.Word(offer, 184));
        Assert.Equal(Channel.Connection, ScriptedGuest.Word(offer, 192));
        _guest.Expect(VmbusMessage.AllOffersDelivered);
    }

    [Fact]
    public void Gpadl_OfManyPages_ComesInSeveralMessages()
    {
        _guest.Connect();
        uint gpadl = _guest.CreateGpadl(Channel, _guest.TakePages(100), 100);
        Assert.Equal(100, Assert.Single(Vmbus.Gpadls).Pages.Count);
        _guest.TearDown(Channel, gpadl);
        Assert.Empty(Vmbus.Gpadls);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void Gpadl_WithStrayPages_IsAViolationWithoutAnAnswer()
    {
        _guest.Connect();
        _guest.BeginGpadl(Channel, 255, 2);
        Assert.False(_guest.HasMessage);
        Assert.Contains("not the guest's", Assert.Single(Host.TakeViolations()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ring_CarriesPacketsBothWays_AroundItsEnd(bool polled)
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel, 1);
        Channel.IsPolled = polled;
        _device.Received = packet => Channel.Send(packet.Payload, packet.Transaction + 1, true);
        Random random = new(1);
        for (int i = 0; i < 1000; i++)
        {
            byte[] payload = new byte[random.Next(0, 200) * 8];
            random.NextBytes(payload);
            guest.Send(payload, (ulong)i, i % 2 == 0);
            Host.Poll();
            Assert.Equal(payload, guest.Expect(PacketType.InBand, out ulong transaction));
            Assert.Equal((ulong)i + 1, transaction);
        }

        Assert.Empty(Host.Violations);
        Assert.Equal((polled ? 0 : 1000, 0), (Channel.SignalCount, Channel.UnneededSignalCount));
        guest.Close();
    }

    [Fact]
    public void HostThatIsNotSignalled_ReadsNothing()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        guest.Send(new byte[8], signals: false);
        Host.Poll();
        Assert.Empty(_device.Packets);
        _guest.Signal(Channel);
        Assert.Single(_device.Packets);
    }

    [Fact]
    public void SignalsWithoutNews_AreCounted()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        guest.Send(new byte[8]);
        Assert.Equal((1, 0), (Channel.SignalCount, Channel.UnneededSignalCount));
        _guest.Signal(Channel);
        Assert.Equal(1, Channel.UnneededSignalCount);
        Channel.IsPaused = true;
        guest.Send(new byte[8]);
        Assert.Equal(1, Channel.UnneededSignalCount);
        guest.Send(new byte[8]);
        _guest.Signal(Channel); // the first one is still unread
        Assert.Equal(2, Channel.UnneededSignalCount);
        Channel.IsPaused = false;
        Assert.Equal(3, _device.Packets.Count);
    }

    [Fact]
    public void FullRing_MakesTheHostWait_ForTheSignalThatItAskedFor()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel, 1);
        guest.IncomingControl[64] = 1; // the guest looks at the pending size
        for (int i = 0; i < 5; i++)
        {
            Channel.Send(new byte[1000], (ulong)i, false);
        }

        Assert.Equal((1, 2), (Channel.RoomWaitCount, Channel.WaitingCount));
        Host.Poll();
        Assert.Equal(2, Channel.WaitingCount); // no timer stands behind it
        for (int i = 0; i < 5; i++)
        {
            guest.Expect(PacketType.InBand, out ulong transaction);
            Assert.Equal((ulong)i, transaction);
        }

        Assert.Null(guest.Receive());
        Assert.Equal(0, Channel.UnneededSignalCount);
    }

    [Theory]
    [InlineData(0, 0x1004)] // an index that is no multiple of 8
    [InlineData(0, 0x8000)] // an index behind the end
    [InlineData(0, 8)] // less than a packet
    public void WrongIndices_StopTheChannel(int offset, int value)
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        BinaryPrimitives.WriteInt32LittleEndian(guest.OutgoingControl[offset..], value);
        _guest.Signal(Channel);
        Assert.True(Channel.IsBroken);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void PacketTypesThatNoHostReads_StopTheChannel()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        guest.Send(new byte[8], type: 10);
        Assert.True(Channel.IsBroken);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void GpaDirect_GathersWhatItsRangesName()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        int page = _guest.TakePages(2);
        new Random(2).NextBytes(_guest.Bytes(page, 2));
        byte[] rest = new byte[8 + 8 + 16];
        BinaryPrimitives.WriteInt32LittleEndian(rest.AsSpan(4), 1);
        BinaryPrimitives.WriteInt32LittleEndian(rest.AsSpan(8), 200);
        BinaryPrimitives.WriteInt32LittleEndian(rest.AsSpan(12), 4000);
        BinaryPrimitives.WriteUInt64LittleEndian(rest.AsSpan(16), _guest.Address(page) >> 12);
        BinaryPrimitives.WriteUInt64LittleEndian(rest.AsSpan(24), _guest.Address(page + 1) >> 12);
        guest.Send(new byte[16], type: 9, rest: rest);
        Assert.Equal(_guest.Bytes(page, 2).Slice(4000, 200).ToArray(), _device.Packets.Dequeue().External);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void OpenRing_IsGivenBack_WhenTheChannelIsClosed()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        _guest.Post(VmbusMessage.GpadlTeardown, Channel.Id, guest.Gpadl);
        Assert.False(_guest.HasMessage);
        _guest.Post(VmbusMessage.CloseChannel, Channel.Id);
        Assert.Equal(guest.Gpadl, ScriptedGuest.Word(_guest.Expect(VmbusMessage.GpadlTorndown), 8));
        Assert.Empty(Vmbus.Gpadls);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void Contact_WithOneMonitorPage_IsAViolation_ThatOpenVmmAnswersWithAFailure()
    {
        _guest.Start();
        ulong page = _guest.Address(_guest.TakePages(1));
        _guest.Post(VmbusMessage.InitiateContact, VmbusVersion.Win8_1, 0, 0, 0, (uint)page, (uint)(page >> 32), 0, 0);
        byte[] response = _guest.Expect(VmbusMessage.VersionResponse);
        bool isOpenVmm = Host.Kind == HostKind.OpenVmm;
        Assert.Equal((1, isOpenVmm ? 2 : 0), (response[8], response[9]));
        Assert.Equal(isOpenVmm ? null : VmbusVersion.Win8_1, Vmbus.Version);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void Contact_OfVersion6_TakesTheFeaturesThatTheHostHas()
    {
        _guest.Start();
        _guest.Post(
            VmbusMessage.InitiateContact, VmbusVersion.Copper, 0, VmbusHost.Source, 0xFFFF_FFFF, 0, 0, 0, 0, 1, 2, 3, 4);
        byte[] response = _guest.Expect(VmbusMessage.VersionResponse);
        Assert.Equal(Host.Kind == HostKind.OpenVmm ? 0x2Fu : 0, ScriptedGuest.Word(response, 16));
        _guest.RequestOffers(); // On the first connection, as Microsoft's firmware.
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void RescindedChannel_IsNotOpened_AndNothingIsSaidOfThat()
    {
        _guest.Connect();
        int pages = _guest.TakePages(4);
        _guest.Bytes(pages, 4).Clear();
        uint gpadl = _guest.CreateGpadl(Channel, pages, 4);
        HostChannel channel = Channel;
        Vmbus.Rescind(_device);
        _guest.Expect(VmbusMessage.RescindChannelOffer);
        _guest.BeginOpen(channel, gpadl, 2);
        Assert.False(_guest.HasMessage);
        _guest.Post(VmbusMessage.RelIdReleased, channel.Id);
        Assert.Empty(Vmbus.Gpadls);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void FreedPagesOfAGpadl_AreFoundAtItsEnd()
    {
        _guest.Connect();
        uint gpadl = _guest.CreateGpadl(Channel, 200, 2);
        unsafe
        {
            _guest.Memory.Remove((void*)_guest.Address(0));
            _guest.Memory.Add((void*)_guest.Address(0), 200 * ScriptedGuest.Page);
        }

        _guest.TearDown(Channel, gpadl);
        Assert.Contains("freed", Assert.Single(Host.TakeViolations()));
    }

    [Fact]
    public void NewContact_ForgetsChannelsAndGpadls()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        HostChannel before = Channel;
        _guest.Contact(VmbusVersion.Win8_1);
        _guest.Expect(VmbusMessage.VersionResponse);
        Assert.False(before.IsOpen);
        Assert.Empty(Vmbus.Gpadls);
        _guest.Post(VmbusMessage.GpadlTeardown, before.Id, guest.Gpadl);
        Assert.False(_guest.HasMessage); // a host never answers this
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void Unload_WithOpenChannels_IsAViolation()
    {
        _guest.Connect();
        _guest.Open(Channel);
        _guest.Post(VmbusMessage.Unload);
        _guest.Expect(VmbusMessage.UnloadComplete);
        Assert.Single(Host.TakeViolations());
        Assert.Equal((1, 1, 1), (Vmbus.UnloadCount, Vmbus.UnloadsWithOpenChannels, Vmbus.GpadlsAtUnload));
        Assert.Null(Vmbus.Version);
    }

    [Fact]
    public void Rescind_StopsTheChannel_UntilTheGuestReleasesIt()
    {
        _guest.Connect();
        GuestChannel guest = _guest.Open(Channel);
        HostChannel channel = Channel;
        Vmbus.Rescind(_device);
        Assert.Equal(channel.Id, ScriptedGuest.Word(_guest.Expect(VmbusMessage.RescindChannelOffer), 8));
        Assert.False(channel.IsOpen);
        guest.Close();
        _guest.Post(VmbusMessage.RelIdReleased, channel.Id);
        Assert.Empty(Vmbus.Channels);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void DeviceAddedLater_IsOfferedAtOnce()
    {
        _guest.Connect();
        Vmbus.Add(new RawDevice(Guid.NewGuid(), Guid.NewGuid()));
        _guest.Expect(VmbusMessage.OfferChannel);
    }

    [Fact]
    public void OldestVersion_SignalsThroughTheInterruptPage()
    {
        _guest.Start();
        int page = _guest.TakePages(1);
        _guest.Contact(VmbusVersion.V1, _guest.Address(page));
        _guest.Expect(VmbusMessage.VersionResponse);
        _guest.RequestOffers();
        GuestChannel guest = _guest.Open(Channel);
        guest.Send(new byte[8], signals: false);
        _guest.Bytes(page)[2048 + (int)(Channel.Id / 8)] |= (byte)(1 << (int)(Channel.Id % 8));
        Assert.Equal(HvStatus.Success, _guest.Call(0x1_005D, 2));
        Assert.Single(_device.Packets);
        Assert.Equal(0, _guest.Bytes(page)[2048 + (int)(Channel.Id / 8)]);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void TakeOver_EndsTheConnection_AndMovesTheMessagePage()
    {
        _guest.Connect();
        _guest.Open(Channel);
        HostChannel before = Channel;
        int page = _guest.TakePages(1);
        Host.TakeOver(_guest.Address(page));
        Assert.Equal(_guest.Address(page) | 1, Host.ReadMsr(Register.Simp));
        Assert.False(before.IsOpen);
        Assert.Null(Vmbus.Version);
    }

    [Fact]
    public void Tamper_ChangesOrDropsMessages()
    {
        _guest.Start();
        Vmbus.Tamper = (type, message) => type == VmbusMessage.VersionResponse ? null : message;
        _guest.Contact(VmbusVersion.Win8_1);
        Assert.False(_guest.HasMessage);
    }

    [Fact]
    public void MessageDelay_KeepsMessagesForSomePolls()
    {
        _guest.Start();
        Host.Synic.MessageDelay = 3;
        _guest.Contact(VmbusVersion.Win8_1);
        Host.Poll();
        Host.Poll();
        Assert.False(_guest.HasMessage);
        Host.Poll();
        Assert.True(_guest.HasMessage);
    }
}
