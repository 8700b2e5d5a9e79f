using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Internal.Runtime;

namespace System;

/// <summary>UTF-16 text. All comparisons are ordinal: there are no cultures here, so members that would use one are absent.</summary>
public sealed unsafe partial class String : IEquatable<string>, IComparable<string>
{
    // The compiler knows both fields by their names.
    private readonly int _stringLength;
    private char _firstChar;

    public static readonly string Empty = "";

    // The compiler turns `new string(...)` into a call of the Ctor with the same parameters.
    public extern String(char c, int count);
    public extern String(char[]? value);
    public extern String(char[] value, int startIndex, int length);
    public extern String(char* value);
    public extern String(char* value, int startIndex, int length);
    public extern String(ReadOnlySpan<char> value);

    private static string Ctor(char c, int count)
    {
        string made = Allocate(count);
        new Span<char>(ref made._firstChar, count).Fill(c);
        return made;
    }

    private static string Ctor(char[]? value) => Ctor(new ReadOnlySpan<char>(value));

    private static string Ctor(char[] value, int startIndex, int length) => Ctor(new ReadOnlySpan<char>(value, startIndex, length));

    private static string Ctor(char* value)
    {
        int length = 0;
        while (value is not null && value[length] != 0)
        {
            length++;
        }

        return Ctor(new ReadOnlySpan<char>(value, length));
    }

    private static string Ctor(char* value, int startIndex, int length) => Ctor(new ReadOnlySpan<char>(value + startIndex, length));

    private static string Ctor(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
        {
            return "";
        }

        string made = Allocate(value.Length);
        value.CopyTo(new Span<char>(ref made._firstChar, value.Length));
        return made;
    }

    /// <summary>A string of zeros to be filled; its owner is the current arena, as that of all objects.</summary>
    private static string Allocate(int length)
    {
        if (length == 0)
        {
            return "";
        }

        if (length < 0)
        {
            throw new ArgumentOutOfRangeException("length");
        }

        // The room for the terminating 0 is in the base size of the type.
        return Unsafe.As<string>(RuntimeImports.NewArray(((object)"").m_pEEType, length));
    }

    public int Length
    {
        [Intrinsic]
        get => _stringLength;
    }

    [IndexerName("Chars")]
    public char this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)_stringLength)
            {
                throw new IndexOutOfRangeException();
            }

            return Unsafe.Add(ref _firstChar, index);
        }
    }

    internal ref char GetRawStringData() => ref _firstChar;

    public ref readonly char GetPinnableReference() => ref _firstChar;

    private Span<char> Whole => new(ref _firstChar, _stringLength);

    public static implicit operator ReadOnlySpan<char>(string? value) =>
        value is null ? default : new ReadOnlySpan<char>(ref value._firstChar, value._stringLength);

    public static bool IsNullOrEmpty([NotNullWhen(false)] string? value) => value is null || value._stringLength == 0;

    public static bool operator ==(string? a, string? b) => Equals(a, b);

    public static bool operator !=(string? a, string? b) => !Equals(a, b);

    public static bool Equals(string? a, string? b)
    {
        if ((object?)a == b)
        {
            return true;
        }

        return a is not null && b is not null && a._stringLength == b._stringLength &&
            SpanHelpers.SequenceEqual(
                ref Unsafe.As<char, byte>(ref a._firstChar), ref Unsafe.As<char, byte>(ref b._firstChar), (nuint)a._stringLength * sizeof(char));
    }

    public bool Equals(string? other) => Equals(this, other);

    public override bool Equals(object? obj) => Equals(this, obj as string);

    public override int GetHashCode()
    {
        uint hash = 2166136261;
        foreach (char c in Whole)
        {
            hash = (hash ^ c) * 16777619;
        }

        return (int)hash;
    }

    public int CompareTo(string? other) => CompareOrdinal(this, other);

    public static int CompareOrdinal(string? a, string? b) => a.AsSpan().SequenceCompareTo(b.AsSpan());

    public override string ToString() => this;

    public string Substring(int startIndex) => new(this.AsSpan(startIndex));

    public string Substring(int startIndex, int length) => new(this.AsSpan(startIndex, length));

    public static string Concat(string? a, string? b) => Concat(a.AsSpan(), b.AsSpan());

    public static string Concat(string? a, string? b, string? c) => Concat(a.AsSpan(), b.AsSpan(), c.AsSpan());

    public static string Concat(string? a, string? b, string? c, string? d) => Concat(a.AsSpan(), b.AsSpan(), c.AsSpan(), d.AsSpan());

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b) => Concat(a, b, default, default);

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c) => Concat(a, b, c, default);

    public static string Concat(ReadOnlySpan<char> a, ReadOnlySpan<char> b, ReadOnlySpan<char> c, ReadOnlySpan<char> d)
    {
        string made = Allocate(checked(a.Length + b.Length + c.Length + d.Length));
        Span<char> rest = made.Whole;
        a.CopyTo(rest);
        rest = rest.Slice(a.Length);
        b.CopyTo(rest);
        rest = rest.Slice(b.Length);
        c.CopyTo(rest);
        d.CopyTo(rest.Slice(c.Length));
        return made;
    }

    public static string Concat(params string?[] values) => Concat(new ReadOnlySpan<string?>(values));

    public static string Concat(params ReadOnlySpan<string?> values)
    {
        int length = 0;
        foreach (string? value in values)
        {
            length = checked(length + (value is null ? 0 : value._stringLength));
        }

        string made = Allocate(length);
        Span<char> rest = made.Whole;
        foreach (string? value in values)
        {
            value.AsSpan().CopyTo(rest);
            rest = rest.Slice(value.AsSpan().Length);
        }

        return made;
    }

    public int IndexOf(char value) => this.AsSpan().IndexOf(value);

    public int IndexOf(char value, int startIndex)
    {
        int found = this.AsSpan(startIndex).IndexOf(value);
        return found < 0 ? -1 : found + startIndex;
    }

    public int LastIndexOf(char value) => this.AsSpan().LastIndexOf(value);

    public bool Contains(char value) => IndexOf(value) >= 0;

    public bool Contains(string value) => this.AsSpan().IndexOf(value.AsSpan()) >= 0;

    public bool StartsWith(char value) => _stringLength != 0 && _firstChar == value;

    public bool EndsWith(char value) => _stringLength != 0 && this[_stringLength - 1] == value;

    /// <summary>For `foreach`, of which the compiler makes a loop over indices.</summary>
    public CharEnumerator GetEnumerator() => new(this);

    public void CopyTo(Span<char> destination) => this.AsSpan().CopyTo(destination);

    public bool TryCopyTo(Span<char> destination) => this.AsSpan().TryCopyTo(destination);

    public char[] ToCharArray() => this.AsSpan().ToArray();
}

public struct CharEnumerator
{
    private readonly string _text;
    private int _index;

    internal CharEnumerator(string text)
    {
        _text = text;
        _index = -1;
    }

    public bool MoveNext() => ++_index < _text.Length;

    public readonly char Current => _text[_index];
}
