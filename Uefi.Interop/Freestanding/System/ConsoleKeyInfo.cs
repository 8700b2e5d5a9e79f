namespace System;

/// <summary>A key, the character that it makes (or 0), and what was held with it.</summary>
public readonly struct ConsoleKeyInfo(char keyChar, ConsoleKey key, bool shift, bool alt, bool control) : IEquatable<ConsoleKeyInfo>
{
    public char KeyChar { get; } = keyChar;

    public ConsoleKey Key { get; } = key;

    public ConsoleModifiers Modifiers { get; } =
        (shift ? ConsoleModifiers.Shift : 0) | (alt ? ConsoleModifiers.Alt : 0) | (control ? ConsoleModifiers.Control : 0);

    public bool Equals(ConsoleKeyInfo other) => KeyChar == other.KeyChar && Key == other.Key && Modifiers == other.Modifiers;

    public override bool Equals(object? obj) => obj is ConsoleKeyInfo other && Equals(other);

    public override int GetHashCode() => KeyChar | ((int)Key << 16) | ((int)Modifiers << 24);

    public static bool operator ==(ConsoleKeyInfo a, ConsoleKeyInfo b) => a.Equals(b);

    public static bool operator !=(ConsoleKeyInfo a, ConsoleKeyInfo b) => !a.Equals(b);
}

[Flags]
public enum ConsoleModifiers
{
    None = 0,
    Alt = 1,
    Shift = 2,
    Control = 4,
}

/// <summary>The keys that firmware tells apart (UEFI 2.10, 12.1.2), with .NET's values.</summary>
public enum ConsoleKey
{
    None = 0,
    Backspace = 8,
    Tab = 9,
    Enter = 13,
    Escape = 27,
    Spacebar = 32,
    PageUp = 33,
    PageDown = 34,
    End = 35,
    Home = 36,
    LeftArrow = 37,
    UpArrow = 38,
    RightArrow = 39,
    DownArrow = 40,
    Insert = 45,
    Delete = 46,
    D0 = 48,
    D1 = 49,
    D2 = 50,
    D3 = 51,
    D4 = 52,
    D5 = 53,
    D6 = 54,
    D7 = 55,
    D8 = 56,
    D9 = 57,
    A = 65,
    B = 66,
    C = 67,
    D = 68,
    E = 69,
    F = 70,
    G = 71,
    H = 72,
    I = 73,
    J = 74,
    K = 75,
    L = 76,
    M = 77,
    N = 78,
    O = 79,
    P = 80,
    Q = 81,
    R = 82,
    S = 83,
    T = 84,
    U = 85,
    V = 86,
    W = 87,
    X = 88,
    Y = 89,
    Z = 90,
    F1 = 112,
    F2 = 113,
    F3 = 114,
    F4 = 115,
    F5 = 116,
    F6 = 117,
    F7 = 118,
    F8 = 119,
    F9 = 120,
    F10 = 121,
    F11 = 122,
    F12 = 123,
}

/// <summary>In the order that firmware has them in too (UEFI 2.10, 12.4.3).</summary>
public enum ConsoleColor
{
    Black,
    DarkBlue,
    DarkGreen,
    DarkCyan,
    DarkRed,
    DarkMagenta,
    DarkYellow,
    Gray,
    DarkGray,
    Blue,
    Green,
    Cyan,
    Red,
    Magenta,
    Yellow,
    White,
}
