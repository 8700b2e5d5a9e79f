using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// ANSI escape sequences in text (ECMA-48, 5.4), which scripts put in their texts and titles: what selects colours is kept as
/// <see cref="Colours"/>, all others are dropped.
/// </summary>
public sealed class EscapeSequences
{
    private const int MaximumParameters = 16;

    private readonly int[] _parameters = new int[MaximumParameters];
    private int _parameterCount;
    private TextColours _base = TextColours.Usual;
    private State _state;

    private enum State
    {
        None,
        Escape,
        Sequence,
    }

    /// <summary>What the text is to be written in from here on.</summary>
    public TextColours Colours { get; private set; } = TextColours.Usual;

    /// <summary>Sets the colours, which are also those that a sequence goes back to; a sequence that has not ended is forgotten.</summary>
    public void Reset(TextColours colours)
    {
        _base = colours;
        Colours = colours;
        _state = State.None;
    }

    /// <summary>Takes the next character of a text; false when it is not part of a sequence.</summary>
    public bool Take(char c)
    {
        if (c == Key.EscapeCharacter)
        {
            _state = State.Escape;
            return true;
        }

        switch (_state)
        {
            case State.None:
                return false;
            case State.Escape:
                _state = c == '[' ? State.Sequence : State.None;
                _parameterCount = 1;
                _parameters[0] = 0;
                return true;
        }

        if (c is >= '0' and <= '9')
        {
            int value = _parameters[_parameterCount - 1];
            _parameters[_parameterCount - 1] = Math.Min(value * 10 + (c - '0'), 1000);
        }
        else if (c == ';')
        {
            _parameterCount = Math.Min(_parameterCount + 1, MaximumParameters);
            _parameters[_parameterCount - 1] = 0;
        }
        else if (c >= '@')
        {
            _state = State.None;
            if (c == 'm')
            {
                SetColours();
            }
        }

        return true;
    }

    /// <summary>
    /// Select Graphic Rendition (ECMA-48, 8.3.117): bold, the eight colours of text and background, and the exact ones of ISO/IEC 8613-6 that
    /// terminals know as 38;2;R;G;B and 48;2;R;G;B.
    /// </summary>
    private void SetColours()
    {
        for (int i = 0; i < _parameterCount; i++)
        {
            int parameter = _parameters[i];
            Colours = parameter switch
            {
                0 => _base,
                1 => Colours with { IsBright = true },
                22 => Colours with { IsBright = _base.IsBright },
                >= 30 and <= 37 => Colours with { Foreground = (byte)(parameter - 30), ExactForeground = 0 },
                38 => Colours with { ExactForeground = TakeExact(ref i, Colours.ExactForeground) },
                39 => Colours with { Foreground = _base.Foreground, ExactForeground = _base.ExactForeground },
                >= 40 and <= 47 => Colours with { Background = (byte)(parameter - 40), ExactBackground = 0 },
                48 => Colours with { ExactBackground = TakeExact(ref i, Colours.ExactBackground) },
                49 => Colours with { Background = _base.Background, ExactBackground = _base.ExactBackground },
                _ => Colours,
            };
        }
    }

    /// <summary>Takes an exact colour's parameters; those of other colour spaces are skipped.</summary>
    /// <param name="i">Where 38 or 48 is, and then the last parameter that belongs to it.</param>
    /// <param name="before">The colour there was.</param>
    private uint TakeExact(ref int i, uint before)
    {
        int first = i + 2;
        bool isRgb = i + 1 < _parameterCount && _parameters[i + 1] == 2;
        i += isRgb ? 4 : 2;
        return isRgb && i < _parameterCount
            ? TextColours.IsExact | (uint)(Component(first) << 16 | Component(first + 1) << 8 | Component(first + 2))
            : before;
    }

    private int Component(int index) => Math.Min(_parameters[index], 255);
}
