using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// The colours of text: foreground and background as ANSI numbers them (0 black, 1 red, 2 green ... 7 white, <see cref="Default"/>), whether the
/// text is bright, and the exact colours for where there is a screen that has them.
/// </summary>
public readonly struct TextColours(byte foreground, byte background, bool isBright) : IEquatable<TextColours>
{
    /// <summary>White for text; as a background, the picture behind the text, or black.</summary>
    public const byte Default = 9;

    /// <summary>Set in an exact colour, 0xRRGGBB; without it there is none.</summary>
    public const uint IsExact = 1 << 24;

    public byte Foreground { get; init; } = foreground;
    public byte Background { get; init; } = background;
    public bool IsBright { get; init; } = isBright;
    public uint ExactForeground { get; init; }
    public uint ExactBackground { get; init; }

    /// <summary>What everything is written in that says nothing else.</summary>
    public static TextColours Usual => new(Default, Default, false);

    public static bool operator ==(TextColours a, TextColours b) => a.Equals(b);
    public static bool operator !=(TextColours a, TextColours b) => !a.Equals(b);

    public bool Equals(TextColours other) =>
        Foreground == other.Foreground && Background == other.Background && IsBright == other.IsBright &&
        ExactForeground == other.ExactForeground && ExactBackground == other.ExactBackground;

    public override bool Equals(object? obj) => obj is TextColours other && Equals(other);

    public override int GetHashCode() =>
        (int)(ExactForeground ^ ExactBackground) ^ (Foreground << 5) ^ (Background << 1) ^ (IsBright ? 1 : 0);
}
