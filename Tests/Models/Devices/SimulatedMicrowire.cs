using System;

namespace NetBoot.Tests.Models.Devices;

/// <summary>A serial EEPROM of 64 words (93C46): select, clock, data in and data out. What it is told to write, it does not.</summary>
/// <param name="read">The words.</param>
public sealed class SimulatedMicrowire(Func<int, ushort> read)
{
    private const int AddressBits = 6;
    private const int ReadCommand = 0b110;

    private int _command;
    private int _bits; // Of the command that have come, from its start bit on; then minus those that have gone out.
    private ushort _data;
    private bool _wasHigh;

    /// <summary>The pin that the EEPROM drives.</summary>
    public bool Output { get; private set; }

    /// <summary>The pins that the controller drives.</summary>
    public void Drive(bool isSelected, bool clock, bool input)
    {
        bool rises = clock && !_wasHigh;
        _wasHigh = clock;
        if (!isSelected)
        {
            _bits = 0;
            _command = 0;
            Output = true; // Pulled up.
        }
        else if (rises && _command >> AddressBits == ReadCommand && _bits == 3 + AddressBits)
        {
            Output = (_data & 0x8000) != 0;
            _data <<= 1;
        }
        else if (rises && (_bits != 0 || input))
        {
            _command = (_command << 1) | (input ? 1 : 0);
            if (++_bits == 3 + AddressBits)
            {
                _data = read(_command & ((1 << AddressBits) - 1));
                Output = false; // The dummy bit before the data.
            }
        }
    }
}
