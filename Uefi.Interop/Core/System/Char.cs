namespace System;

public readonly struct Char : IEquatable<char>, IComparable<char>
{
    private readonly char _value;

    public const char MaxValue = (char)0xFFFF;
    public const char MinValue = (char)0;

    public bool Equals(char other) => _value == other;

    public override bool Equals(object? obj) => obj is char other && other == _value;

    public override int GetHashCode() => _value;

    public int CompareTo(char other) => _value - other;

    public override string ToString() => new(_value, 1);

    public static bool IsAsciiDigit(char c) => (uint)(c - '0') <= 9;
    public static bool IsAsciiLetterUpper(char c) => (uint)(c - 'A') <= 'Z' - 'A';
    public static bool IsAsciiLetterLower(char c) => (uint)(c - 'a') <= 'z' - 'a';
    public static bool IsAsciiLetter(char c) => (uint)((c | 0x20) - 'a') <= 'z' - 'a';
    public static bool IsAsciiLetterOrDigit(char c) => IsAsciiLetter(c) || IsAsciiDigit(c);
    public static bool IsAsciiHexDigit(char c) => IsAsciiDigit(c) || (uint)((c | 0x20) - 'a') <= 'f' - 'a';
    public static bool IsAscii(char c) => c < 0x80;
}
