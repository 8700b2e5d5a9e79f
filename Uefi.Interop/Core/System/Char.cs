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

    /// <summary>Of Unicode's separators and the control characters that are white space.</summary>
    public static bool IsWhiteSpace(char c) =>
        c is ' ' or >= '\t' and <= '\r' or '\u0085' or '\u00A0' ||
        (c >= '\u1680' && c is '\u1680' or >= '\u2000' and <= '\u200A' or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000');

    [Obsolete("There are no Unicode tables in firmware: use char.IsAsciiDigit.", true)]
    public static bool IsDigit(char c) => false;

    [Obsolete("There are no Unicode tables in firmware: use char.IsAsciiLetter.", true)]
    public static bool IsLetter(char c) => false;

    [Obsolete("There are no Unicode tables in firmware: use char.IsAsciiLetterOrDigit.", true)]
    public static bool IsLetterOrDigit(char c) => false;

    [Obsolete("There are no Unicode tables in firmware: use char.IsAsciiLetterUpper.", true)]
    public static bool IsUpper(char c) => false;

    [Obsolete("There are no Unicode tables in firmware: use char.IsAsciiLetterLower.", true)]
    public static bool IsLower(char c) => false;

    [Obsolete("There are no Unicode tables in firmware: use System.Text.Ascii.ToUpper.", true)]
    public static char ToUpperInvariant(char c) => c;

    [Obsolete("There are no Unicode tables in firmware: use System.Text.Ascii.ToLower.", true)]
    public static char ToLowerInvariant(char c) => c;

    [Obsolete("There are no Unicode tables in firmware: use System.Text.Ascii.ToUpper.", true)]
    public static char ToUpper(char c) => c;

    [Obsolete("There are no Unicode tables in firmware: use System.Text.Ascii.ToLower.", true)]
    public static char ToLower(char c) => c;
}
