using System;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.ModelTests.Xen;

/// <summary>The model's event channels against public/event_channel.h and public/xen.h.</summary>
[Collection("Firmware")]
public sealed class ChannelTests : IDisposable
{
    private readonly ScriptedXenGuest _guest = new();

    private SimulatedChannels Channels => _guest.Xen.Channels;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Channel_IsForOneDomain_AndBoundOnce()
    {
        uint port = _guest.AllocateChannel(remote: 3);
        int events = 0;
        Assert.False(Channels.Bind(port, 0, () => events++));
        Assert.True(Channels.Bind(port, 3, () => events++));
        Assert.False(Channels.Bind(port, 3, () => events++));
        Assert.Equal(0, _guest.Notify(port));
        Assert.Equal(1, events);
        Assert.Equal(1, Channels.EventsOf(port));
        Channels.Unbind(port);
        Assert.Equal(0, _guest.Notify(port));
        Assert.Equal(1, events);
        Assert.Equal(0, _guest.CloseChannel(port));
        Assert.DoesNotContain(port, Channels.Open);
    }

    [Fact]
    public void Signal_SetsThePendingBits_AndInterruptsAGuestThatMasksNothing()
    {
        uint port = _guest.AllocateChannel(remote: 0);
        Assert.False(Channels.WouldInterrupt);
        Channels.UpcallMaskOfGuest = 1;
        Channels.Signal(port);
        Assert.True(Channels.IsPending(port));
        Assert.False(Channels.WouldInterrupt);
        Channels.UpcallMaskOfGuest = 0;
        Assert.True(Channels.WouldInterrupt);
    }

    [Fact]
    public void Port_ThatIsNotTheGuests_CannotBeClosed()
    {
        Assert.Equal(-22, _guest.CloseChannel(_guest.Xen.StoreChannel));
        Assert.Equal(-22, _guest.CloseChannel(999));
        Assert.Equal(-22, _guest.Notify(999));
        Assert.Equal(3, _guest.Xen.TakeViolations().Count);
    }

    [Fact]
    public void Ports_AreNotGivenAgainSoon()
    {
        uint first = _guest.AllocateChannel(remote: 0);
        _guest.CloseChannel(first);
        Assert.NotEqual(first, _guest.AllocateChannel(remote: 0));
    }
}
