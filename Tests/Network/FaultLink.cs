using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Links;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Network;

/// <summary>Wraps a link and harms what passes, both ways: loss, duplication, reordering, corruption. Repeatable by its seed.</summary>
public sealed class FaultLink(Link inner, int seed) : Link
{
    private readonly Random _random = new(seed);
    private readonly Queue<byte[]> _received = new();
    private byte[]? _heldReceived;
    private byte[]? _heldSent;
    private byte[] _current = [];

    /// <summary>Chances between 0 and 1, for each frame.</summary>
    public double Loss { get; set; }
    public double Duplication { get; set; }
    public double Reordering { get; set; }
    public double Corruption { get; set; }

    public int Faults { get; private set; }

    public override MacAddress Address => inner.Address;
    public override int Mtu => inner.Mtu;
    public override bool IsUp => inner.IsUp;

    public override bool Send(ReadOnlySpan<byte> frame)
    {
        foreach (byte[] passed in Harm(frame.ToArray(), ref _heldSent))
        {
            inner.Send(passed);
        }

        return true;
    }

    public override ReadOnlySpan<byte> Receive()
    {
        while (_received.Count == 0)
        {
            ReadOnlySpan<byte> frame = inner.Receive();
            if (frame.IsEmpty)
            {
                if (_heldReceived is null)
                {
                    return default;
                }

                _received.Enqueue(_heldReceived);
                _heldReceived = null;
                break;
            }

            foreach (byte[] passed in Harm(frame.ToArray(), ref _heldReceived))
            {
                _received.Enqueue(passed);
            }
        }

        _current = _received.Dequeue();
        return _current;
    }

    private List<byte[]> Harm(byte[] frame, ref byte[]? held)
    {
        List<byte[]> passed = [];
        if (Happens(Loss))
        {
            return passed;
        }

        if (Happens(Corruption))
        {
            frame[_random.Next(frame.Length)] ^= (byte)(1 << _random.Next(8));
        }

        if (held is null && Happens(Reordering))
        {
            held = frame;
            return passed;
        }

        passed.Add(frame);
        if (Happens(Duplication))
        {
            passed.Add((byte[])frame.Clone());
        }

        if (held is not null)
        {
            passed.Add(held);
            held = null;
        }

        return passed;
    }

    private bool Happens(double chance)
    {
        bool happens = chance > 0 && _random.NextDouble() < chance;
        Faults += happens ? 1 : 0;
        return happens;
    }
}
