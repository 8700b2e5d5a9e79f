using System;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.ModelTests.Xen;

/// <summary>
/// The model's network backends against Linux' and QEMU's sources: which states they go through, what they read, and when they let go.
/// </summary>
[Collection("Firmware")]
public sealed unsafe class NetbackTests : IDisposable
{
    private const uint TransmitRing = 8;
    private const uint ReceiveRing = 9;
    private const uint Buffer = 10;

    private readonly ScriptedXenGuest _guest = new();
    private readonly byte* _transmit;
    private readonly uint _port;

    public NetbackTests()
    {
        _transmit = Share(TransmitRing);
        Share(ReceiveRing);
        Share(Buffer);
        _port = _guest.AllocateChannel(0);
    }

    public void Dispose() => _guest.Dispose();

    // A ring as it begins: both sides ask for the first event.
    private byte* Share(uint reference)
    {
        byte* page = _guest.AllocatePage();
        new Span<byte>(page, 4096).Clear();
        ((uint*)page)[1] = ((uint*)page)[3] = 1;
        _guest.Grants[reference] = SimulatedGrants.PermitAccess | ((ulong)page / 4096 << 32);
        return page;
    }

    private void Write(string name, uint value)
    {
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.WriteNode, $"device/vif/0/{name}\0{value}"));
        _guest.Firmware.Advance(TimeSpan.FromMilliseconds(1));
    }

    private SimulatedNetback Connect(NetbackKind kind, params string[] flags)
    {
        SimulatedNetback back = new(_guest.Xen, kind: kind);
        Write("tx-ring-ref", TransmitRing);
        Write("rx-ring-ref", ReceiveRing);
        Write("event-channel", _port);
        Write("feature-rx-notify", 1);
        foreach (string flag in flags)
        {
            Write(flag, 1);
        }

        Write("state", SimulatedNetback.Connected);
        return back;
    }

    private void Send(ushort size)
    {
        uint* ring = (uint*)_transmit;
        uint* request = (uint*)(_transmit + 64 + (ring[0] * 12));
        request[0] = Buffer;
        request[1] = 0;
        request[2] = ring[0] | ((uint)size << 16);
        ring[0]++;
        Assert.Equal(0, _guest.Notify(_port));
    }

    [Theory]
    [InlineData(NetbackKind.Linux, false)]
    [InlineData(NetbackKind.Qemu, true)]
    public void Rings_AreLetGoOfAtClosing_ByLinux_AndAtClosed_ByQemu(NetbackKind kind, bool hasThemWhileClosing)
    {
        SimulatedNetback back = Connect(kind, "request-rx-copy");
        Assert.True(back.IsConnected);
        Assert.Equal(SimulatedNetback.Connected, back.Nodes.BackendState);
        Write("state", SimulatedNetback.Closing);
        Assert.Equal(SimulatedNetback.Closing, back.Nodes.BackendState);
        Assert.Equal(hasThemWhileClosing, back.IsConnected);
        Write("state", SimulatedNetback.Closed);
        Assert.Equal(SimulatedNetback.Closed, back.Nodes.BackendState);
        Assert.False(back.IsConnected);
        Write("state", SimulatedNetback.Initialising);
        Assert.Equal(SimulatedNetback.InitWait, back.Nodes.BackendState);
        Assert.Equal(0, _guest.Xen.Grants.MappedPages);
    }

    [Theory]
    [InlineData(NetbackKind.Linux, SimulatedNetback.InitWait)]
    [InlineData(NetbackKind.Qemu, SimulatedNetback.Connected)]
    public void Frontend_ThatBeginsAgainWithoutClosing_IsFollowedByLinuxAlone(NetbackKind kind, uint state)
    {
        SimulatedNetback back = Connect(kind, "request-rx-copy");
        Write("state", SimulatedNetback.Initialising);
        Assert.Equal(state, back.Nodes.BackendState);
        Assert.Equal(state == SimulatedNetback.Connected, back.IsConnected);
        back.Disconnect();
    }

    [Fact]
    public void LinuxBackend_ReadsItsFlagsWithRxCopyAlone_AndKeepsThemOtherwise()
    {
        SimulatedNetback back = Connect(NetbackKind.Linux, "feature-no-csum-offload", "xdp-headroom", "feature-gso-tcpv4");
        Assert.True(back.OffloadsChecksums && back.Gathers && !back.Segments && back.Headroom == 0); // As it began.
        Write("state", SimulatedNetback.Closed);
        Write("state", SimulatedNetback.Initialising);
        Write("request-rx-copy", 1);
        Write("state", SimulatedNetback.Connected);
        Assert.False(back.OffloadsChecksums || back.Gathers);
        Assert.True(back.Segments);
        Assert.Equal(1, back.Headroom);
        back.Disconnect();
    }

    [Theory]
    [InlineData(NetbackKind.Linux, SimulatedNetback.Connected)]
    [InlineData(NetbackKind.Qemu, SimulatedNetback.Closing)]
    public void Backend_ThatFindsNoRings_IsConnectedAllTheSame_WhenItIsLinuxs(NetbackKind kind, uint state)
    {
        SimulatedNetback back = new(_guest.Xen, kind: kind);
        Write("request-rx-copy", 1);
        Write("state", SimulatedNetback.Connected);
        Assert.False(back.IsConnected);
        Assert.Equal(state, back.Nodes.BackendState);
    }

    [Fact]
    public void LinuxBackend_SaysNothing_UntilTheScriptIsDone()
    {
        SimulatedNetback back = new(_guest.Xen);
        back.Nodes.WriteBackend("hotplug-status", "");
        Write("tx-ring-ref", TransmitRing);
        Write("rx-ring-ref", ReceiveRing);
        Write("event-channel", _port);
        Write("feature-rx-notify", 1);
        Write("state", SimulatedNetback.Connected);
        Assert.True(back.IsConnected);
        Assert.Equal(SimulatedNetback.InitWait, back.Nodes.BackendState);
        Write("state", SimulatedNetback.Closing);
        Assert.False(back.IsConnected);
        Assert.Equal(SimulatedNetback.InitWait, back.Nodes.BackendState);
        back.Nodes.WriteBackend("hotplug-status", "connected");
        _guest.Firmware.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(SimulatedNetback.Closing, back.Nodes.BackendState);
    }

    [Fact]
    public void LinuxBackend_MapsLongFrames_AndDoesNotCloseWhileOneIsUnderWay()
    {
        SimulatedNetback back = Connect(NetbackKind.Linux, "request-rx-copy");
        back.HoldsTransmitted = true;
        Send(128);
        Assert.Equal(2, _guest.Xen.Grants.MappedPages);
        Send(129);
        Assert.Equal(3, _guest.Xen.Grants.MappedPages);
        Write("state", SimulatedNetback.Closed);
        Assert.True(back.IsConnected);
        Assert.Equal(SimulatedNetback.Connected, back.Nodes.BackendState);
        back.CompleteTransmitted();
        Assert.Equal(SimulatedNetback.Closed, back.Nodes.BackendState);
        Assert.Equal(0, _guest.Xen.Grants.MappedPages);
    }

    [Fact]
    public void Detach_AsksTheFrontend_AndTakesBothEndsAway_WhenTheBackendHasClosed()
    {
        SimulatedNetback back = Connect(NetbackKind.Linux, "request-rx-copy");
        back.Detach();
        Assert.Equal(SimulatedNetback.Closing, back.Nodes.BackendState);
        Assert.True(back.IsConnected);
        Write("state", SimulatedNetback.Closing);
        Write("state", SimulatedNetback.Closed);
        Assert.Empty(back.Nodes.FrontendNames);
        Assert.Equal(SimulatedNetback.Unknown, back.Nodes.BackendState);
        Assert.Equal(0, _guest.Xen.Grants.MappedPages);
    }
}
