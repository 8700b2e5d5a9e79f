using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>The colours of text: foreground and background as ANSI numbers them (0 black, 1 red, 2 green ... 7 white), and whether the text is bright.</summary>
public readonly struct TextColours(byte foreground, byte background, bool isBright) : IEquatable<TextColours>
{
    public byte Foreground { get; init; } = foreground;
    public byte Background { get; init; } = background;
    public bool IsBright { get; init; } = isBright;

    /// <summary>What everything is written in that says nothing else.</summary>
    public static TextColours Usual => new(7, 0, false);

    public static TextColours Screen => new(7, 4, false);
    public static TextColours Title => new(7, 4, true);
    public static TextColours Selected => new(7, 1, true);
    public static TextColours Separator => new(6, 4, false);
    public static TextColours Field => new(0, 6, false);
    public static TextColours Alert => new(7, 1, true);

    public static bool operator ==(TextColours a, TextColours b) => a.Equals(b);
    public static bool operator !=(TextColours a, TextColours b) => !a.Equals(b);

    public bool Equals(TextColours other) =>
        Foreground == other.Foreground && Background == other.Background && IsBright == other.IsBright;

    public override bool Equals(object? obj) => obj is TextColours other && Equals(other);

    public override int GetHashCode() => (Foreground << 4) | (Background << 1) | (IsBright ? 1 : 0);
}
