using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

public sealed class WindowsTakeoverTests() : TakeoverTests(HostKind.Windows);

public sealed class OpenVmmTakeoverTests() : TakeoverTests(HostKind.OpenVmm);

/// <summary>The connection taken away by another loader, and left behind for an operating system.</summary>
public abstract unsafe class TakeoverTests(HostKind kind) : VmbusTest(kind)
{
    private static void TakeOver(VmbusFixture fixture, Pages page) => fixture.Host.TakeOver((ulong)page.Address);

    [Fact]
    public void Takeover_IsFoundAndUndone_UnderALivingChild()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        RawDevice idle = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(device, idle);
        using Pages page = Pages.Allocate(4096)!;
        ProtocolChannel channel = fixture.ChannelOf(device);
        EFI_HANDLE child = fixture.ChildOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(2, 3));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.CreateGpadl(page.Address, 4096, out uint gpadl));
        using Pages foreign = Pages.Allocate(4096)!;
        for (uint round = 1; round <= 20; round++)
        {
            fixture.Host.TakeOver((ulong)foreign.Address, round % 2 == 0 ? null : 0x0003_0000);
            fixture.Wait();
            Assert.Equal(round, channel.Generation);
            Assert.Equal(child, fixture.ChildOf(device));
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Poll());
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1, 2, 3], round, true));
            Assert.Equal(2u * 4096, device.Channel!.Incoming.Size);
            Assert.Equal(3u * 4096, device.Channel.Outgoing.Size);
            Assert.Equal(round, device.Packets.Dequeue().Transaction);
            device.Channel.Send([4], 5, false);
            Assert.True(channel.TryReceive(out VmbusPacket packet));
            Assert.Equal(5u, packet.Transaction);
        }

        Assert.Equal(20u, fixture.ChannelOf(idle).Generation);
        Assert.True(channel.DestroyGpadl(gpadl)); // Only forgotten: the host has never heard of it.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.CreateGpadl(page.Address, 4096, out uint another));
        Assert.NotEqual(gpadl, another);
        Assert.True(channel.DestroyGpadl(another));
        Assert.Contains("taken back: 20", fixture.Diagnose(fixture.Root).Text);
        Assert.Equal(NetBoot.Tests.Models.HyperV.VmbusVersion.V1, fixture.Vmbus.Version);
    }

    [Fact]
    public void Takeover_UntilItIsUndone_AnswersNotReady_AndTellsTheOtherNothing()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        using Pages page = Pages.Allocate(4096)!;
        TakeOver(fixture, foreign);
        int posts = fixture.Host.PostCount;
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, channel.CreateGpadl(page.Address, 4096, out _)); // What talks with the host looks first.
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, channel.Send([1], 1, false));
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, channel.Poll());
        Assert.False(channel.TryReceive(out _));
        Assert.Equal(posts, fixture.Host.PostCount);
        Assert.Equal(0u, channel.Generation);
        fixture.Wait();
        Assert.Equal(1u, channel.Generation);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1], 1, false));
    }

    [Fact]
    public void Channel_ClosedWhileTheConnectionIsLost_StaysClosed()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        TakeOver(fixture, foreign);
        Assert.False(channel.Close()); // Nobody can be asked.
        fixture.Wait();
        Assert.True(channel.Close());
        Assert.False(device.Channel!.IsOpen);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(2, 2));
    }

    [Fact]
    public void Device_ThatIsGoneAfterATakeover_IsRemoved_AndANewOneAdded()
    {
        RawDevice gone = VmbusFixture.NewDevice(1);
        RawDevice stays = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(gone, stays);
        using Pages foreign = Pages.Allocate(4096)!;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(gone).Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(stays).Open(1, 1));
        TakeOver(fixture, foreign);
        fixture.Vmbus.Rescind(gone);
        RawDevice comes = VmbusFixture.NewDevice(3);
        fixture.Vmbus.Add(comes);
        fixture.Wait();
        Assert.Equal(2, fixture.Children.Count);
        Assert.True(fixture.ChildOf(gone).IsNull);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(comes).Open(1, 1));
        Assert.DoesNotContain(VmbusMessage.RelIdReleased, fixture.Vmbus.LoggedTypes);
    }

    [Fact]
    public void Channel_ThatCannotBeReopened_IsClosed_AndItsDriverCanTell()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        fixture.Vmbus.OpenStatus = 0xC0000001;
        TakeOver(fixture, foreign);
        fixture.Wait();
        Assert.Equal(1u, channel.Generation);
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, channel.Send([1], 1, false));
        fixture.Vmbus.OpenStatus = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(1, 1));
    }

    [Fact]
    public void Host_ThatDoesNotAnswerAtATakeover_IsAskedAgain_LessAndLessOften()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        fixture.Vmbus.Tamper = (_, _) => null;
        TakeOver(fixture, foreign);
        int before = fixture.Vmbus.Contacts.Count;
        fixture.Wait(120);
        Assert.InRange(fixture.Vmbus.Contacts.Count - before, 5, 20);
        (EFI_STATUS status, string text) = fixture.Diagnose(fixture.Root);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Contains("connection lost", text);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, channel.Send([1], 1, false));
        fixture.Vmbus.Tamper = null;
        fixture.Wait(60);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1], 1, false));
    }

    [Fact]
    public void Takeover_OfAHostThatDoesNotAnswer_HoldsUpNobodysTimer()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        TimeSpan last = fixture.Simulated.Elapsed;
        TimeSpan longest = default;
        using Event timer = Event.Create(
            EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, fixture.Driver, () =>
            {
                TimeSpan gap = fixture.Simulated.Elapsed - last;
                longest = gap > longest ? gap : longest;
                last = fixture.Simulated.Elapsed;
            }, out _)!;
        timer.StartPeriodicTimer(10_000);
        fixture.Vmbus.Tamper = (_, _) => null;
        TakeOver(fixture, foreign);
        fixture.Wait(30);
        Assert.InRange(longest.TotalMilliseconds, 10, 25);
        fixture.Vmbus.Tamper = (type, message) => type == VmbusMessage.AllOffersDelivered ? null : message;
        fixture.Wait(30);
        fixture.Vmbus.Tamper = (type, message) => type is VmbusMessage.GpadlCreated ? null : message;
        fixture.Wait(30);
        Assert.InRange(longest.TotalMilliseconds, 10, 25);
        fixture.Vmbus.Tamper = null;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1], 1, false));
        Assert.Single(device.Packets);
    }

    [Fact]
    public void Takeover_FromAHostThatIsSlow_IsUndone()
    {
        using VmbusFixture fixture = Open(out RawDevice device, out ProtocolChannel channel);
        using Pages foreign = Pages.Allocate(4096)!;
        fixture.Host.Synic.MessageDelay = 3; // Polls, of which there is one when time passes.
        fixture.Vmbus.IsSlow = true;
        TakeOver(fixture, foreign);
        for (int i = 0; i < 20; i++)
        {
            fixture.Wait(0.1); // The host acts after each.
        }

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1], 1, false));
        Assert.Single(device.Packets);
        Assert.Equal(1u, channel.Generation);
    }

    [Fact]
    public void Bus_StoppedWhileSomebodyElseHasTheConnection_LeavesThemAlone()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.ExpectsNothingLeft = false;
        using Pages foreign = Pages.Allocate(4096)!;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        TakeOver(fixture, foreign);
        int posts = fixture.Host.PostCount;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Equal((ulong)foreign.Address | 1, fixture.Host.Synic.MessagePage);
        Assert.NotEqual(0u, fixture.Host.GuestOsId);
        Assert.Equal(posts, fixture.Host.PostCount);
        fixture.ExpectPagesKept(5 + 5); // The rings, and what the bus has shown: nobody knows whose they are.
        fixture.Host.WriteMsr(Register.Simp, 0);
    }

    // ExitBootServices

    [Fact]
    public void ExitBootServices_ClosesEverything_AndLeavesTheHypervisorAsAnOperatingSystemWantsIt()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(first, second);
        Pages pages = Pages.Allocate(2 * 4096)!;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(first).Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(second).Open(4, 4));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(second).CreateGpadl(pages.Address, 2 * 4096, out _));
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(first);
        void* own = null;
        uint gpadl;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &own, 4, &gpadl));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.ExitBootServices()); // That checks the memory map.
        Assert.Empty(fixture.Host.Remains);
        Assert.Equal(2, fixture.Vmbus.UnloadCount);
        Assert.Equal(0, fixture.Vmbus.UnloadsWithOpenChannels);
        Assert.Equal(1u, fixture.Host.Synic.Control); // Windows waits for ever for a SynIC that was turned off.
        Assert.Equal(Synic.Masked, fixture.Host.Synic.Source(2));
    }

    [Fact]
    public void ExitBootServices_OfAHostThatSaysNothing_TakesABoundedTime()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        for (int i = 0; i < 5; i++)
        {
            void* own = null;
            uint gpadl;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &own, 4, &gpadl));
        }

        fixture.Vmbus.Tamper = (_, _) => null;
        TimeSpan before = fixture.Simulated.Elapsed;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.ExitBootServices());
        Assert.InRange((fixture.Simulated.Elapsed - before).TotalSeconds, 0, 10);
        Assert.Equal(0u, fixture.Host.GuestOsId);
    }

    [Fact]
    public void ExitBootServices_WhileSomebodyElseHasTheConnection_LeavesThemAlone()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.ExpectsNothingLeft = false;
        Pages foreign = Pages.Allocate(4096)!;
        TakeOver(fixture, foreign);
        ulong guest = fixture.Host.GuestOsId;
        int posts = fixture.Host.PostCount;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.ExitBootServices());
        Assert.Equal((ulong)foreign.Address | 1, fixture.Host.Synic.MessagePage);
        Assert.Equal(guest, fixture.Host.GuestOsId);
        Assert.Equal(posts, fixture.Host.PostCount);
    }

    [Fact]
    public void ExitBootServices_WithOffersComingIn_NeitherAllocatesNorFrees()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        int late = 0;
        fixture.Vmbus.Tamper = (type, message) =>
        {
            if (type is VmbusMessage.GpadlTorndown && late++ == 0)
            {
                fixture.Vmbus.Add(VmbusFixture.NewDevice(50));
                fixture.Vmbus.Rescind(device);
            }

            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.ExitBootServices());
        Assert.Equal(1, late);
        Assert.Empty(fixture.Host.Remains);
    }
}
