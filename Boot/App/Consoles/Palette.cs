namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// The colours of menus, forms and of all other text, by iPXE's numbers: eight pairs of a foreground and a background, out of eight colours.
/// Scripts may define both.
/// </summary>
public sealed class Palette
{
    /// <summary>How many colours there are, and how many pairs.</summary>
    public const int Count = 8;

    /// <summary>Colours from here on are the screens' background: blue, but a picture where there is one.</summary>
    private const byte FirstBackdrop = 10;

    private const byte Blue = 4;
    private const ulong NotExact = 1 << 24;

    private readonly byte[] _basics = [0, 1, 2, 3, FirstBackdrop, 5, 6, 7];
    private readonly uint[] _exacts = new uint[Count];

    // All other text, screens, selected, separators, fields, alerts, addresses, boot servers.
    private readonly byte[] _foregrounds = [TextColours.Default, 7, 7, 6, 0, 7, 6, 0];
    private readonly byte[] _backgrounds = [TextColours.Default, Blue, 1, Blue, 6, 1, Blue, 7];

    /// <summary>Whether there is a picture behind the text.</summary>
    public bool HasPicture { get; set; }

    public TextColours Usual => Pair(0);
    public TextColours Screen => Pair(1);
    public TextColours Title => Screen with { IsBright = true };
    public TextColours Selected => Pair(2) with { IsBright = true };
    public TextColours Separator => Pair(3);
    public TextColours Field => Pair(4);
    public TextColours Alert => Pair(5) with { IsBright = true };

    /// <summary>Defines a colour.</summary>
    /// <param name="index">From 0 on, below <see cref="Count"/>; else this answers false.</param>
    /// <param name="basic">What shows where there are only ANSI's colours: 0 to 7, or 9 for the console's own; from 10 on the screens' background.</param>
    /// <param name="rgb">0xRRGGBB; with bit 24 set there is no exact colour.</param>
    public bool TryDefine(ulong index, ulong basic, ulong rgb)
    {
        if (index >= Count)
        {
            return false;
        }

        // iPXE keeps four bits, and 8 selects nothing.
        basic &= 15;
        _basics[index] = basic == 8 ? TextColours.Default : (byte)basic;
        _exacts[index] = (rgb & NotExact) != 0 ? 0 : (uint)rgb & 0xFFFFFF | TextColours.IsExact;
        return true;
    }

    /// <summary>Defines a pair.</summary>
    /// <param name="index">From 0 on, below <see cref="Count"/>; else this answers false.</param>
    /// <param name="foreground">The number of a colour; one that there is not is the console's own.</param>
    /// <param name="background">The same.</param>
    public bool TryDefinePair(ulong index, ulong foreground, ulong background)
    {
        if (index >= Count)
        {
            return false;
        }

        _foregrounds[index] = (byte)foreground;
        _backgrounds[index] = (byte)background;
        return true;
    }

    private TextColours Pair(int index)
    {
        byte foreground = _foregrounds[index];
        byte background = _backgrounds[index];
        return new TextColours(Basic(foreground), Basic(background), false)
        {
            ExactForeground = Exact(foreground),
            ExactBackground = Exact(background),
        };
    }

    private byte Basic(byte colour)
    {
        byte basic = colour < Count ? _basics[colour] : TextColours.Default;
        return basic < FirstBackdrop ? basic : HasPicture ? TextColours.Default : Blue;
    }

    private uint Exact(byte colour) => colour < Count ? _exacts[colour] : 0;
}
