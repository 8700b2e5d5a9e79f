using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Links;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Network;

/// <summary>
/// The stack's end of a simulated wire: a receive ring of bounded size, a latency each way and a rate. What the stack sends
/// goes to <see cref="Sent"/>.
/// </summary>
public sealed class SimulatedLink(VirtualTime time) : Link
{
    private readonly Queue<byte[]> _ring = new();
    private byte[] _current = [];
    private ulong _wireFreeAt;
    private int _slotsInUse;

    public static readonly MacAddress StationAddress = new([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);

    public override MacAddress Address => StationAddress;
    public override int Mtu => MtuValue;
    public override bool IsUp => HasCarrier;

    public bool HasCarrier { get; set; } = true;

    public int MtuValue { get; set; } = 1500;

    /// <summary>Frames that fit the receive ring; what comes when it is full is lost.</summary>
    public int RingSize { get; set; } = 256;

    /// <summary>Microseconds each way.</summary>
    public ulong Latency { get; set; } = 100;

    /// <summary>Nanoseconds that a byte takes on the wire towards the stack; 8 is a gigabit a second.</summary>
    public ulong NanosecondsPerByte { get; set; } = 8;

    /// <summary>Frames that the transmitter holds; when it has so many, it takes none.</summary>
    public int TransmitSlots { get; set; } = int.MaxValue;

    /// <summary>Microseconds until the transmitter is done with a frame.</summary>
    public ulong TransmitTime { get; set; }

    /// <summary>Called after the latency with each frame that the stack sent.</summary>
    public Action<byte[]>? Sent { get; set; }

    /// <summary>Called with each frame that goes to the stack.</summary>
    public Action<byte[]>? Delivered { get; set; }

    public int Overruns { get; private set; }
    public int SentFrames { get; private set; }

    /// <summary>Sends a frame from the peer to the stack.</summary>
    public void Deliver(byte[] frame)
    {
        Delivered?.Invoke(frame);
        _wireFreeAt = Math.Max(_wireFreeAt, time.Now * 1000) + (ulong)frame.Length * NanosecondsPerByte;
        time.After(_wireFreeAt / 1000 - time.Now + Latency, () =>
        {
            if (_ring.Count >= RingSize)
            {
                Overruns++;
                return;
            }

            _ring.Enqueue(frame);
        });
    }

    public override bool Send(ReadOnlySpan<byte> frame)
    {
        if (_slotsInUse >= TransmitSlots)
        {
            return false;
        }

        _slotsInUse++;
        time.After(TransmitTime, () => _slotsInUse--);
        SentFrames++;
        byte[] copy = frame.ToArray();
        time.After(Latency, () => Sent?.Invoke(copy));
        return true;
    }

    public override ReadOnlySpan<byte> Receive()
    {
        // The last frame's bytes are spoiled: who keeps a view beyond the next call shows.
        Array.Fill(_current, (byte)0xEE);
        _current = _ring.TryDequeue(out byte[]? frame) ? frame.AsSpan().ToArray() : [];
        return _current;
    }
}
