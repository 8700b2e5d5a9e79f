using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.Xen;

/// <summary>The guest's event channels, 2-level (public/event_channel.h, public/xen.h), without any interrupt.</summary>
public sealed unsafe class SimulatedChannels(SimulatedXen xen)
{
    // struct shared_info: 32 vcpu_info of 64 bytes (upcall_pending, upcall_mask, 6 bytes, pending_sel), pending and mask, a bit a port.
    private const int UpcallPending = 0;
    private const int UpcallMask = 1;
    private const int PendingSelector = 8;
    private const int Pending = 2048;
    private const int Mask = 2560;
    private const uint Maximum = 4096;

    private sealed class Channel(ushort remote)
    {
        public readonly ushort Remote = remote;
        public Action? OnEvent;
        public int Events;
        public bool IsOfXen;
    }

    private readonly SortedDictionary<uint, Channel> _channels = [];
    private uint _next = 1;

    /// <summary>The ports that the guest has allocated and not closed.</summary>
    public IReadOnlyList<uint> Open => [.. _channels.Where(each => !each.Value.IsOfXen).Select(each => each.Key)];

    /// <summary>How many more ports the guest can allocate.</summary>
    public int AllocationsLeft { get; set; } = int.MaxValue;

    /// <summary>How often the guest has notified a port, bound or not.</summary>
    public int EventsOf(uint port) => _channels.TryGetValue(port, out Channel? channel) ? channel.Events : 0;

    /// <summary>Whether the port is open for the domain to bind to.</summary>
    public bool IsOpenFor(uint port, ushort domain) => _channels.TryGetValue(port, out Channel? channel) && channel.Remote == domain;

    /// <summary>Binds a backend to a port of the guest's: each event calls it. False when the port is not for the domain.</summary>
    public bool Bind(uint port, ushort domain, Action onEvent)
    {
        if (!IsOpenFor(port, domain) || _channels[port].OnEvent is not null)
        {
            return false;
        }

        _channels[port].OnEvent = onEvent;
        return true;
    }

    /// <summary>The backend lets go of the port.</summary>
    public void Unbind(uint port)
    {
        if (_channels.TryGetValue(port, out Channel? channel))
        {
            channel.OnEvent = null;
        }
    }

    /// <summary>The backend's event for the guest: pending bits; a guest that has its upcalls unmasked would be interrupted.</summary>
    public void Signal(uint port)
    {
        if (!_channels.ContainsKey(port))
        {
            return;
        }

        Span<byte> shared = xen.SharedInfoContent;
        if (!SetBit(shared[Pending..], port) && !HasBit(shared[Mask..], port) && !SetBit(shared[PendingSelector..], port / 64))
        {
            shared[UpcallPending] = 1;
        }
    }

    /// <summary>Whether an upcall would interrupt the guest now: the vector is not set, but an operating system's would be.</summary>
    public bool WouldInterrupt => xen.SharedInfoContent[UpcallPending] != 0 && xen.SharedInfoContent[UpcallMask] == 0;

    public bool IsPending(uint port) => HasBit(xen.SharedInfoContent[Pending..], port);
    public bool IsMasked(uint port) => HasBit(xen.SharedInfoContent[Mask..], port);
    public byte UpcallMaskOfGuest
    {
        get => xen.SharedInfoContent[UpcallMask];
        set => xen.SharedInfoContent[UpcallMask] = value;
    }

    internal uint AllocateForDomain(ushort domain, Action onEvent) => Add(new Channel(domain) { OnEvent = onEvent, IsOfXen = true });

    // The one behind the last, so that a port which was closed is not soon another.
    private uint Add(Channel channel)
    {
        while (!_channels.TryAdd(_next, channel))
        {
            _next = (_next % (Maximum - 1)) + 1;
        }

        uint port = _next;
        _next = (_next % (Maximum - 1)) + 1;
        return port;
    }

    internal long Call(ulong command, byte* argument)
    {
        const ulong CloseChannel = 3;
        const ulong Send = 4;
        const ulong AllocateUnbound = 6;
        switch (command)
        {
            case CloseChannel: // { u32 port }
                uint closed = *(uint*)argument;
                if (!_channels.TryGetValue(closed, out Channel? channel) || channel.IsOfXen)
                {
                    xen.Violate($"Event channel {closed} closed, which is not the guest's to close");
                    return SimulatedXen.InvalidArgument;
                }

                _channels.Remove(closed);
                return 0;
            case Send: // { u32 port }
                uint port = *(uint*)argument;
                if (!_channels.TryGetValue(port, out channel))
                {
                    xen.Violate($"Event channel {port} notified, which is not open");
                    return SimulatedXen.InvalidArgument;
                }

                channel.Events++;
                channel.OnEvent?.Invoke();
                return 0;
            case AllocateUnbound: // { u16 dom, remote_dom; u32 port }
                if (*(ushort*)argument != SimulatedXen.DomainSelf)
                {
                    return SimulatedXen.NoSuchDomain;
                }

                if (AllocationsLeft == 0 || _channels.Count >= Maximum)
                {
                    return -28;
                }

                AllocationsLeft--;
                *(uint*)(argument + 4) = Add(new Channel(*(ushort*)(argument + 2)));
                return 0;
            default:
                return SimulatedXen.NoSuchCall;
        }
    }

    private static bool HasBit(ReadOnlySpan<byte> bits, uint bit) => (bits[(int)(bit / 8)] & (1 << (int)(bit % 8))) != 0;

    // Whether it was set already.
    private static bool SetBit(Span<byte> bits, uint bit)
    {
        bool was = HasBit(bits, bit);
        bits[(int)(bit / 8)] |= (byte)(1 << (int)(bit % 8));
        return was;
    }
}
