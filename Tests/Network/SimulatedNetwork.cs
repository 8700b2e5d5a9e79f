using System;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>A stack with one interface (192.0.2.10/24, gateway 192.0.2.1) on a simulated wire, and one host at its other end.</summary>
internal sealed class SimulatedNetwork : EventLoop, IPeerMedium
{
    public static readonly IPv4Address Address = new(192, 0, 2, 10);
    public static readonly IPv4Address Netmask = new(255, 255, 255, 0);
    public static readonly IPv4Address Gateway = new(192, 0, 2, 1);

    public SimulatedNetwork(Func<Link, Link>? wrap = null, bool configure = true)
    {
        Wire = new SimulatedLink(Time);
        Stack = new NetBoot.NetworkStack.Sockets.Network(new RandomSource(42));
        Interface = new NetworkInterface("net0", wrap is null ? Wire : wrap(Wire));
        Stack.Add(Interface);
        Assert.Null(Interface.Open());
        if (configure)
        {
            Assert.Null(Interface.Configure(Address, Netmask, Gateway));
        }

        Peer = new PeerHost(this, default) { ToleratesDamage = true };
        Wire.Sent = Peer.OnFrame;
        Stack.Poll(Time.Now);
    }

    public VirtualTime Time { get; } = new();
    public SimulatedLink Wire { get; }
    public NetBoot.NetworkStack.Sockets.Network Stack { get; }
    public NetworkInterface Interface { get; }
    public PeerHost Peer { get; }

    /// <summary>How long the stack's owner is busy elsewhere between two rounds, in microseconds.</summary>
    public ulong RoundTime { get; set; } = 10;

    /// <summary>The longest step of the clock when nothing happens.</summary>
    public ulong IdleStep { get; set; } = 1000;

    public override ulong Now => Time.Now;

    MacAddress IPeerMedium.ClientMac => SimulatedLink.StationAddress;

    void IPeerMedium.Carry(bool toClient, byte[] frame) => Wire.Deliver(frame);

    void IPeerMedium.After(ulong delay, Action action) => Time.After(delay, action);

    public override bool RunOnce()
    {
        Stack.Poll(Time.Now);
        Time.AdvanceTo(Math.Max(Time.Now + RoundTime, Time.NextEvent(Time.Now + IdleStep)));
        return true;
    }

    /// <summary>Turns until the condition holds; fails after so many seconds of the simulation.</summary>
    public void RunUntil(Func<bool> condition, int seconds = 60)
    {
        ulong end = Now + (ulong)seconds * 1_000_000;
        while (!condition())
        {
            Assert.True(Now < end, "the simulation's time is over");
            RunOnce();
        }
    }

    public void RunFor(ulong microseconds)
    {
        ulong end = Now + microseconds;
        while (Now < end)
        {
            RunOnce();
        }
    }
}
