using System;

namespace NetBoot.Tests.Models.Devices;

/// <summary>The PHY's end of the management interface (IEEE 802.3, 22.2.4.5): a clock, and data in both directions.</summary>
/// <param name="read">The PHY's registers.</param>
/// <param name="write">Changes one.</param>
public sealed class SimulatedMdio(Func<int, ushort> read, Action<int, ushort> write)
{
    private const int Address = 1;
    private const int PreambleLength = 32;
    private const int HeaderLength = 14; // Start, operation, two addresses.
    private const int FrameLength = 32;

    private int _ones;
    private int _bits; // Of the frame.
    private uint _frame;
    private bool _wasHigh;

    /// <summary>The pin, as the PHY drives it; pulled up otherwise.</summary>
    public bool Output { get; private set; } = true;

    /// <param name="clock">The clock.</param>
    /// <param name="input">What the controller drives the data with; null: nothing.</param>
    public void Drive(bool clock, bool? input)
    {
        bool rises = clock && !_wasHigh;
        _wasHigh = clock;
        if (!rises)
        {
            return;
        }

        if (_bits == 0 && (input ?? true))
        {
            _ones++;
            return;
        }

        if (_bits == 0 && _ones < PreambleLength)
        {
            _ones = 0;
            return;
        }

        _ones = 0;
        _frame = (_frame << 1) | (input ?? true ? 1u : 0);
        _bits++;
        bool isRead = _bits >= HeaderLength && (_frame >> (_bits - 4)) == 0b0110;
        if (isRead && ((_frame >> (_bits - 9)) & 0x1F) == Address)
        {
            // The turn-around's second bit, then the register, each after the clock's edge.
            int register = (int)(_frame >> (_bits - HeaderLength)) & 0x1F;
            int bit = FrameLength - 1 - _bits;
            Output = bit >= 0 && bit < 16 && ((read(register) >> bit) & 1) != 0;
        }

        if (_bits == FrameLength - 1 && isRead)
        {
            _bits = 0; // The last bit is on the wire, for who samples behind the edge.
            _frame = 0;
        }
        else if (_bits == FrameLength)
        {
            if ((_frame >> 28) == 0b0101 && ((_frame >> 23) & 0x1F) == Address)
            {
                write((int)(_frame >> 18) & 0x1F, (ushort)_frame);
            }

            _bits = 0;
            _frame = 0;
        }

        if (_bits == 0 && !isRead)
        {
            Output = true;
        }
    }
}
