using System;
using System.Collections.Generic;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Protocols;

/// <summary>
/// One client under test on a wire with scripted hosts, in virtual time: its event loop moves the clock on, delivers the frames that are due and polls
/// the client's network.
/// </summary>
internal sealed class PeerWire : EventLoop, IPeerMedium
{
    public static readonly MacAddress ClientMac = new([0x52, 0x54, 0, 0, 0, 1]);

    private readonly PriorityQueue<(bool ToClient, byte[] Frame), (ulong, int)> _frames = new();
    private readonly List<(ulong Due, Action Action)> _timers = [];
    private readonly List<PeerHost> _hosts = [];
    private readonly WireLink _link;
    private readonly List<WireLink> _otherLinks = [];
    private ulong _now = 1_000_000;
    private int _order;

    public PeerWire(ulong seed = 1)
    {
        _link = new WireLink(this);
        Network = new NetBoot.NetworkStack.Sockets.Network(new RandomSource(seed));
        Client = new FetchClient(Network, this);
        Interface = new NetworkInterface("net0", _link);
        Network.Add(Interface);
        Assert(Interface.Open());
        Random = new Random((int)seed);
    }

    MacAddress IPeerMedium.ClientMac => ClientMac;

    public NetBoot.NetworkStack.Sockets.Network Network { get; }
    public FetchClient Client { get; }
    public Link Link => _link;
    public NetworkInterface Interface { get; }
    public Random Random { get; }
    public override ulong Now => _now;

    /// <summary>Microseconds that a frame takes.</summary>
    public ulong Latency { get; set; } = 100;

    /// <summary>Of a hundred frames with UDP in them.</summary>
    public int LossPercent { get; set; }
    public int CopyPercent { get; set; }
    public int DelayPercent { get; set; }

    public bool IsUp
    {
        get => _link.HasCarrier;
        set => _link.HasCarrier = value;
    }

    /// <summary>Whether somebody else has the NIC, so that it cannot be opened.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Called each turn; false stops as a user would.</summary>
    public Func<bool>? OnTurn { get; set; }

    /// <summary>Sees every frame of the client's.</summary>
    public Action<byte[]>? OnClientFrame { get; set; }

    public PeerHost AddHost(string address)
    {
        Xunit.Assert.True(IPv4Address.TryParse(address, out IPv4Address parsed));
        PeerHost host = new(this, parsed, new MacAddress([0x52, 0x54, 0, 0, 1, (byte)parsed.Value]));
        _hosts.Add(host);
        return host;
    }

    /// <summary>Gives the client 192.0.2.100/24 behind 192.0.2.1.</summary>
    public PeerWire Configured()
    {
        Assert(Interface.Configure(new IPv4Address(192, 0, 2, 100), new IPv4Address(255, 255, 255, 0), new IPv4Address(192, 0, 2, 1)));
        return this;
    }

    /// <summary>Another NIC of the client's on the same wire, open.</summary>
    public NetworkInterface AddInterface(string name)
    {
        WireLink link = new(this);
        _otherLinks.Add(link);
        NetworkInterface added = new(name, link);
        Network.Add(added);
        Assert(added.Open());
        return added;
    }

    public void After(ulong delay, Action action) => _timers.Add((_now + delay, action));

    public override bool RunOnce()
    {
        Move();
        Network.Poll(_now);
        return OnTurn?.Invoke() ?? true;
    }

    /// <summary>Lets time go on and frames arrive, with nobody who takes them in.</summary>
    public void Move()
    {
        Xunit.Assert.True(_now < 3_600_000_000, "an hour has passed");
        // Straight to the next frame if there is one soon; the client's own timers are good to a millisecond.
        ulong next = _now + 1000;
        if (_frames.TryPeek(out _, out (ulong Due, int) first) && first.Due < next)
        {
            next = Math.Max(first.Due, _now + 1);
        }

        _now = next;
        for (int i = 0; i < _timers.Count; i++)
        {
            if (_timers[i].Due <= _now)
            {
                Action action = _timers[i].Action;
                _timers.RemoveAt(i--);
                action();
            }
        }

        while (_frames.TryPeek(out _, out first) && first.Due <= _now)
        {
            (bool toClient, byte[] frame) = _frames.Dequeue();
            if (toClient)
            {
                _link.Arrived.Enqueue(frame);
                _otherLinks.ForEach(link => link.Arrived.Enqueue(frame));
                continue;
            }

            OnClientFrame?.Invoke(frame);
            foreach (PeerHost host in _hosts.ToArray())
            {
                host.OnFrame(frame);
            }
        }
    }

    public void Carry(bool toClient, byte[] frame)
    {
        bool isUdp = frame.Length > 23 && frame[12] == 8 && frame[13] == 0 && frame[23] == 17;
        if (isUdp && Random.Next(100) < LossPercent)
        {
            return;
        }

        int copies = isUdp && Random.Next(100) < CopyPercent ? 2 : 1;
        for (; copies > 0; copies--)
        {
            ulong delay = isUdp && Random.Next(100) < DelayPercent ? (ulong)Random.Next(5000) : 0;
            _frames.Enqueue((toClient, frame), (_now + Latency + delay, _order++));
        }
    }

    public static void Assert(Error? error) => Xunit.Assert.True(error is null, error?.Message);

    private sealed class WireLink(PeerWire wire) : Link
    {
        private byte[] _current = [];

        public Queue<byte[]> Arrived { get; } = new();
        public bool HasCarrier { get; set; } = true;
        public override MacAddress Address => ClientMac;
        public override int Mtu => 1500;
        public override bool IsUp => HasCarrier;

        public override Error? Open() => wire.IsTaken ? new Error(EFI_STATUS.EFI_ACCESS_DENIED, "somebody else has it") : null;

        public override bool Send(ReadOnlySpan<byte> frame)
        {
            if (HasCarrier)
            {
                wire.Carry(false, frame.ToArray());
            }

            return true;
        }

        public override ReadOnlySpan<byte> Receive()
        {
            Array.Fill(_current, (byte)0xEE); // who keeps a view beyond the next call shows
            _current = Arrived.TryDequeue(out byte[]? frame) ? frame.AsSpan().ToArray() : [];
            return _current;
        }
    }
}
