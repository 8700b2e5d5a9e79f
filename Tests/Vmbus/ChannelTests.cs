using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

public sealed class WindowsChannelTests() : ChannelTests(HostKind.Windows);

public sealed class OpenVmmChannelTests() : ChannelTests(HostKind.OpenVmm);

/// <summary>NETBOOT_VMBUS_PROTOCOL, through the channel that drivers program against, with the host model at the other end.</summary>
public abstract unsafe class ChannelTests(HostKind kind) : VmbusTest(kind)
{
    private static byte[] Numbers(int count) => [.. Enumerable.Range(1, count).Select(each => (byte)each)];

    // Opening

    [Theory]
    [InlineData(0u, 1u)]
    [InlineData(1u, 0u)]
    [InlineData(2049u, 1u)]
    [InlineData(1u, 2049u)]
    public void Open_WithASizeOutOfRange_IsRefused(uint outgoing, uint incoming)
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, fixture.ChannelOf(device).Open(outgoing, incoming));
    }

    [Theory]
    [InlineData(1u, 1u)]
    [InlineData(3u, 40u)]
    [InlineData(2048u, 2048u)]
    public void Open_Close_AndOpenWithOtherSizes_Work(uint outgoing, uint incoming)
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, channel.Send([1], 1, false));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(outgoing, incoming));
        Assert.Equal(EFI_STATUS.EFI_ALREADY_STARTED, channel.Open(outgoing, incoming));
        Assert.Equal(outgoing * 4096, device.Channel!.Incoming.Size);
        Assert.Equal(incoming * 4096, device.Channel.Outgoing.Size);
        channel.Close();
        channel.Close();
        Assert.False(device.Channel.IsOpen);
        Assert.Empty(fixture.Vmbus.Gpadls);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send(Numbers(8), 1, false));
        Assert.Equal(Numbers(8), device.Packets.Dequeue().Payload);
    }

    [Fact]
    public void Open_ThatTheHostRefuses_LeavesNothing()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.Vmbus.OpenStatus = 0xC0000001;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, fixture.ChannelOf(device).Open(1, 1));
        Assert.Empty(fixture.Vmbus.Gpadls);
        fixture.Vmbus.OpenStatus = 0;
        fixture.Vmbus.GpadlStatus = 0xC0000001;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, fixture.ChannelOf(device).Open(1, 1));
        fixture.Vmbus.GpadlStatus = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
    }

    [Fact]
    public void Open_WithoutAnAnswer_TimesOut_AndTheLateAnswerIsNotTakenForAnother()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        byte[]? held = null;
        fixture.Vmbus.Tamper = (type, message) =>
        {
            if (type != VmbusMessage.OpenChannelResult || held is not null)
            {
                return message;
            }

            held = message;
            return null;
        };
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, fixture.ChannelOf(device).Open(1, 1));
        fixture.Vmbus.Send(held!);
        fixture.Vmbus.OpenStatus = 0xC0000001;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, fixture.ChannelOf(device).Open(1, 1));
    }

    // GPADLs

    [Theory]
    [InlineData(1)]
    [InlineData(26)]
    [InlineData(27)]
    [InlineData(54)]
    [InlineData(55)]
    [InlineData(512)]
    public void Gpadl_OfTheCallersPages_IsShownWhole(int count)
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.Vmbus.IsSlow = true; // It takes 16 messages at once; 512 pages are 19.
        using Pages pages = Pages.Allocate((ulong)count * 4096)!;
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.CreateGpadl(pages.Address, (nuint)count * 4096, out uint gpadl));
        Gpadl shown = Assert.Single(fixture.Vmbus.Gpadls);
        Assert.Equal(gpadl, shown.Id);
        Assert.Equal(Enumerable.Range(0, count).Select(each => (ulong)pages.Address + (ulong)each * 4096), shown.Pages);
        Assert.True(channel.DestroyGpadl(gpadl));
        Assert.Empty(fixture.Vmbus.Gpadls);
        Assert.False(channel.DestroyGpadl(gpadl));
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->DestroyGpadl(protocol, gpadl));
    }

    [Fact]
    public void Gpadl_OfTheBussPages_IsZeroed_AndFreedWhenItIsDestroyed()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        int before = fixture.Counts.Pages;
        void* pages = null;
        uint gpadl;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &pages, 3, &gpadl));
        Assert.True(pages != null && (nuint)pages % 4096 == 0);
        Assert.All(new ReadOnlySpan<byte>(pages, 3 * 4096).ToArray(), each => Assert.Equal(0, each));
        Assert.Equal(before + 3, fixture.Counts.Pages);
        Assert.Equal((ulong)pages, fixture.Vmbus.Gpadls.Single().Pages[0]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->DestroyGpadl(protocol, gpadl));
        Assert.Equal(before, fixture.Counts.Pages);
    }

    [Fact]
    public void Gpadl_OfAnotherChannel_IsNotKnown()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(first, second);
        using Pages pages = Pages.Allocate(4096)!;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(first).CreateGpadl(pages.Address, 4096, out uint gpadl));
        Assert.False(fixture.ChannelOf(second).DestroyGpadl(gpadl));
        Assert.False(fixture.ChannelOf(first).DestroyGpadl(0));
        Assert.True(fixture.ChannelOf(first).DestroyGpadl(gpadl));
    }

    [Fact]
    public void Gpadl_OfWhatIsNoRunOfPages_IsRefused()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        using Pages pages = Pages.Allocate(8192)!;
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.CreateGpadl(pages.Address + 8, 4096, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.CreateGpadl(pages.Address, 4000, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.CreateGpadl(pages.Address, 0, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.CreateGpadl(null, 4096, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.CreateGpadl(pages.Address, 9000 * 4096, out _));
    }

    [Fact]
    public void Gpadl_WithoutAnAnswer_TimesOut_AndTheBussPagesStayWhereTheyAre()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.Vmbus.IgnoresGpadls = true;
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        void* pages = null;
        uint gpadl;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, protocol->CreateGpadl(protocol, &pages, 3, &gpadl));
        fixture.ExpectPagesKept(3);
        fixture.Vmbus.IgnoresGpadls = false;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, NetBoot.Uefi.Interop.DriverModel.Controllers.Disconnect(fixture.Root, default));
        Assert.Equal(1, fixture.Vmbus.GpadlsAtUnload);
    }

    [Fact]
    public void Gpadl_ThatIsNotGivenBack_IsUsedUp_AndItsPagesStayForGood()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        void* pages = null;
        uint gpadl;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &pages, 3, &gpadl));
        fixture.Vmbus.Tamper = (type, message) => type == VmbusMessage.GpadlTorndown ? null : message;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, protocol->DestroyGpadl(protocol, gpadl));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->DestroyGpadl(protocol, gpadl)); // Of which nobody learns anything.
        fixture.ExpectPagesKept(3);
        fixture.Vmbus.Tamper = null;
    }

    [Fact]
    public void Close_OfAHostThatDoesNotSayThatItIsDone_SaysSo_AndTheRingsStayForGood()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        fixture.Vmbus.Tamper = (type, message) => type == VmbusMessage.GpadlTorndown ? null : message;
        Assert.False(channel.Close());
        Assert.False(channel.Close());
        fixture.ExpectPagesKept(5);
        fixture.Vmbus.Tamper = null;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(1, 1));
        Assert.True(channel.Close());
        Assert.True(channel.Close());
    }

    [Fact]
    public void Child_ThatIsStopped_TakesWhatItsDriverHasLeft()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        for (int i = 0; i < 256; i++)
        {
            void* pages = null;
            uint gpadl;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &pages, 1, &gpadl));
        }

        void* more = null;
        uint another;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, protocol->CreateGpadl(protocol, &more, 1, &another));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->OpenChannel(protocol, 1, 1));
    } // Disposing checks that host and firmware have nothing of it.

    // Sending

    [Fact]
    public void Send_IsSeenByTheHost_WithTransactionAndWish()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send(Numbers(13), 0xFEDC_BA98_7654_3210, true));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Complete(7, Numbers(4)));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([], 9, false));
        HostPacket packet = device.Packets.Dequeue();
        Assert.Equal((PacketType.InBand, true, 0xFEDC_BA98_7654_3210), (packet.Type, packet.WantsCompletion, packet.Transaction));
        Assert.Equal([.. Numbers(13), 0, 0, 0], packet.Payload);
        packet = device.Packets.Dequeue();
        Assert.Equal((PacketType.Completion, false, 7ul), (packet.Type, packet.WantsCompletion, packet.Transaction));
        Assert.Empty(device.Packets.Dequeue().Payload);
        Assert.Equal(0, device.Channel!.UnneededSignalCount);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 4096)]
    [InlineData(4095, 2)]
    [InlineData(100, 9000)]
    public void SendGpaDirect_NamesTheBytes_WhereverTheyLie(int offset, int size)
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages pages = Pages.Allocate(4 * 4096)!;
        new Random(1).NextBytes(new Span<byte>(pages.Address, 4 * 4096));
        NETBOOT_VMBUS_GPA_RANGE[] ranges =
        [
            new() { Address = (ulong)pages.Address + 8, Size = 5 },
            new() { Address = (ulong)pages.Address + (ulong)offset, Size = (uint)size },
        ];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.SendGpaDirect(Numbers(40), ranges, 3, true));
        HostPacket packet = device.Packets.Dequeue();
        Assert.Equal(PacketType.GpaDirect, packet.Type);
        Assert.Equal(Numbers(40), packet.Payload);
        byte[] expected = [.. new Span<byte>(pages.Address + 8, 5), .. new Span<byte>(pages.Address + offset, size)];
        Assert.Equal(expected, packet.External);
    }

    [Fact]
    public void SendGpaDirect_OfNoBytesOrAllOfThem_IsRefused()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.SendGpaDirect([1], [], 1, false));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, channel.SendGpaDirect([1], [new() { Address = 4096 }], 1, false));
        Assert.Equal(
            EFI_STATUS.EFI_INVALID_PARAMETER, channel.SendGpaDirect([1], [new() { Address = ulong.MaxValue, Size = 2 }], 1, false));
        Assert.Equal(
            EFI_STATUS.EFI_BAD_BUFFER_SIZE, channel.SendGpaDirect([1], [new() { Address = 0, Size = uint.MaxValue }], 1, false));
    }

    [Fact]
    public void Send_IntoAFullRing_IsNotReady_UntilTheHostReads()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, channel.Send(new byte[4096], 1, false));
        device.Channel!.IsPaused = true;
        int sent = 0;
        while (channel.Send(Numbers(100), (ulong)sent, false).IsSuccess)
        {
            sent++;
        }

        Assert.Equal(EFI_STATUS.EFI_NOT_READY, channel.Send(Numbers(100), 0, false));
        Assert.Equal(4095 / (16 + 104 + 8), sent);
        device.Channel.IsPaused = false;
        Assert.Equal(Enumerable.Range(0, sent).Select(each => (ulong)each), device.Packets.Select(each => each.Transaction));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send(Numbers(100), 0, false));
    }

    // Signals

    [Theory]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.V1)]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.Win7)]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.Win8_1)]
    public void Signals_AreGivenWhenTheRulesAsk_AndOnlyThen(uint version)
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.LowestVersion = version;
        fixture.Vmbus.Add(device);
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(1, 1));
        HostChannel host = device.Channel!;
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send(Numbers(50), (ulong)i, false)); // Read at once, so the ring is empty.
        }

        Assert.Equal(100, host.SignalCount);
        Assert.Equal(100, host.PacketCount);
        host.IsPaused = true;
        channel.Send(Numbers(8), 1, false);
        channel.Send(Numbers(8), 2, false);
        channel.Send(Numbers(8), 3, false);
        Assert.Equal(101, host.SignalCount); // The second finds the first unread.
        host.IsPaused = false;
        host.IsPolled = true; // The host masks signals.
        channel.Send(Numbers(8), 4, false);
        fixture.Host.Poll();
        Assert.Equal(101, host.SignalCount);
        Assert.Equal(104, host.PacketCount);
        Assert.Equal(0, host.UnneededSignalCount);
    }

    [Fact]
    public void Host_ThatWaitsForRoom_IsSignalledWhenThereIsEnough()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        HostChannel host = device.Channel!;
        for (int i = 0; i < 200; i++)
        {
            host.Send(Numbers(100), (ulong)i, false);
        }

        Assert.True(host.WaitingCount > 100);
        List<ulong> received = [];
        while (channel.TryReceive(out VmbusPacket packet))
        {
            received.Add(packet.Transaction);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(each => (ulong)each), received);
        Assert.Equal(0, host.WaitingCount);
        Assert.Equal(200 - 4095 / 128, host.SignalCount); // Each packet that is read makes room for one that waits.
        Assert.Equal(0, host.UnneededSignalCount);
    }

    // Receiving

    [Fact]
    public void Receive_GivesWhatTheHostSent()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        Assert.False(channel.TryReceive(out _));
        HostChannel host = device.Channel!;
        host.Send(Numbers(16), 0x8000_0000_0000_0001, true);
        host.SendCompletion(5, Numbers(3));
        host.SendTransferPages(0xCAFE, [(60, 0), (1514, 2048)], Numbers(40), 6);
        Assert.True(channel.TryReceive(out VmbusPacket packet));
        Assert.Equal((VmbusPacketType.InBand, true, 0x8000_0000_0000_0001), (packet.Type, packet.CompletionRequested, packet.Transaction));
        Assert.Equal(Numbers(16), packet.Payload.ToArray());
        Assert.True(channel.TryReceive(out packet));
        Assert.Equal((VmbusPacketType.Completion, false, 5ul), (packet.Type, packet.CompletionRequested, packet.Transaction));
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], packet.Payload.ToArray());
        Assert.True(channel.TryReceive(out packet));
        Assert.Equal((VmbusPacketType.TransferPages, true, 6ul), (packet.Type, packet.CompletionRequested, packet.Transaction));
        Assert.Equal(0xCAFE, packet.TransferPageSet);
        Assert.Equal(2, packet.Ranges.Length);
        Assert.Equal((1514u, 2048u), (packet.Ranges[1].Size, packet.Ranges[1].Offset));
        Assert.Equal(Numbers(40), packet.Payload.ToArray());
        Assert.False(channel.TryReceive(out _));
    }

    [Fact]
    public void Traffic_OnAFramesWay_TouchesNoRegister_AndCallsNoHost()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(4, 4));
        device.Channel!.IsPolled = true;
        int reads = fixture.Host.ReadCount(Register.Simp);
        (int posts, int signals) = (fixture.Host.PostCount, fixture.Host.SignalCount);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send(Numbers(8), 1, false));
            device.Channel.Send(Numbers(8), 1, false);
            Assert.True(channel.TryReceive(out _));
            Assert.False(channel.TryReceive(out _));
            fixture.Host.Poll();
        }

        Assert.Equal(reads, fixture.Host.ReadCount(Register.Simp));
        Assert.Equal((posts, signals), (fixture.Host.PostCount, fixture.Host.SignalCount));
        fixture.Wait(10);
        Assert.Equal(reads + 100, fixture.Host.ReadCount(Register.Simp)); // By the clock, ten times a second.
    }

    [Fact]
    public void Host_ThatLiesInItsRing_CostsPackets_AndNothingElse()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        HostChannel host = device.Channel!;
        Random random = new(6);
        for (int i = 0; i < 2000; i++)
        {
            byte[] packet = new byte[random.Next(1, 40) * 8];
            random.NextBytes(packet);
            host.SendRaw(packet);
            while (channel.TryReceive(out VmbusPacket received))
            {
                Assert.True(received.Payload.Length <= 40 * 8);
            }
        }

        host.Outgoing.WriteIndex = 0xFFFF_FFF0;
        Assert.False(channel.TryReceive(out _));
        host.Incoming.ReadIndex = 12345;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, channel.Send([1], 1, false));
        Assert.DoesNotContain("malformed packets: 0", fixture.Diagnose(fixture.Root).Text);
        channel.Close();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(1, 1));
        host.Send(Numbers(8), 1, false);
        Assert.True(channel.TryReceive(out _));
        fixture.Host.TakeViolations(); // What the test has made of the host's own rings.
    }

    [Fact]
    public void Members_CalledWithNothing_AnswerInvalidParameter()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        EFI_STATUS invalid = EFI_STATUS.EFI_INVALID_PARAMETER;
        uint gpadl;
        void* pages = null;
        Assert.Equal(invalid, protocol->OpenChannel(null, 1, 1));
        Assert.Equal(invalid, protocol->CloseChannel(null));
        Assert.Equal(invalid, protocol->CreateGpadl(protocol, null, 1, &gpadl));
        Assert.Equal(invalid, protocol->CreateGpadl(protocol, &pages, 1, null));
        Assert.Equal(invalid, protocol->CreateGpadl(protocol, &pages, 0, &gpadl));
        Assert.Equal(invalid, protocol->CreateGpadl(protocol, &pages, nuint.MaxValue, &gpadl));
        Assert.Equal(invalid, protocol->SendInBand(protocol, null, 1, 1, 0));
        Assert.Equal(invalid, protocol->SendInBand(protocol, &pages, nuint.MaxValue, 1, 0));
        Assert.Equal(invalid, protocol->SendGpaDirect(protocol, null, 0, null, 1, 1, 0));
        Assert.Equal(invalid, protocol->SendCompletion(protocol, 1, null, 1));
        Assert.Equal(invalid, protocol->Receive(protocol, null));
        Assert.Equal(invalid, protocol->Poll(null));
    }
}
