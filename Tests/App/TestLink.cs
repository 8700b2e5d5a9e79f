using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Links;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.App;

/// <summary>A NIC whose address can be set, with a host on its wire or nobody.</summary>
internal sealed class TestLink(byte number) : Link, IPeerMedium
{
    private readonly Queue<byte[]> _arrived = new();
    private readonly MacAddress _own = new([0x52, 0x54, 0, 0, 0, number]);
    private readonly List<(ulong Due, Action Action)> _timers = [];
    private MacAddress? _set;

    /// <summary>The time on the wire, which TCP needs; null for none, where all is due at once.</summary>
    public Func<ulong>? Clock { get; set; }

    /// <summary>Whether it can be opened.</summary>
    public bool Works { get; set; } = true;

    public PeerHost? Peer { get; set; }

    /// <summary>Another host on the wire.</summary>
    public PeerHost? Other { get; set; }

    /// <summary>Who hears what is sent with a certain tag.</summary>
    public PeerVlan? Vlan { get; set; }

    public MacAddress ClientMac => Address;
    public ulong Now => Clock?.Invoke() ?? 0;

    public override MacAddress Address => _set ?? _own;
    public override MacAddress PermanentAddress => _own;
    public override int Mtu => 1500;
    public override bool IsUp => HasCarrier;

    public bool HasCarrier { get; set; } = true;

    public override Error? Open() => Works ? null : new Error(EFI_STATUS.EFI_DEVICE_ERROR, "does not start");

    public override Error? SetAddress(MacAddress? address)
    {
        _set = address;
        return null;
    }

    public override bool Send(ReadOnlySpan<byte> frame)
    {
        if (HasCarrier && Vlan?.TryReceive(frame.ToArray()) != true)
        {
            Peer?.OnFrame(frame.ToArray());
            Other?.OnFrame(frame.ToArray());
        }

        return true;
    }

    public override ReadOnlySpan<byte> Receive()
    {
        foreach ((ulong Due, Action Action) timer in _timers.ToArray())
        {
            if (timer.Due <= Now && _timers.Remove(timer))
            {
                timer.Action();
            }
        }

        return _arrived.TryDequeue(out byte[]? frame) ? frame : default;
    }

    public void Carry(bool toClient, byte[] frame) => _arrived.Enqueue(frame);

    /// <summary>Without a clock time stands still: answers come at once, and what somebody does who got none, never.</summary>
    public void After(ulong delay, Action action)
    {
        if (Clock is not null)
        {
            _timers.Add((Now + delay, action));
        }
        else if (delay < PeerTcp.InitialTimeout)
        {
            action();
        }
    }
}
