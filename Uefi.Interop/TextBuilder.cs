using System;
using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The product's interpolated strings: <c>TextBuilder.Format($"{address}: {size} bytes")</c>. Its code is one for all of an image's texts, and it
/// writes into fixed room too; the ordinary <c>$"..."</c> has some code for each type.
/// Grows in the current arena; not for the way of a frame. What every interpolated string calls is not inlined: images have hundreds of them.
/// </summary>
[InterpolatedStringHandler]
public ref struct TextBuilder
{
    private Span<char> _buffer;
    private int _length;
    private readonly bool _isFixed;

    /// <summary>What the compiler makes of an interpolated string: empty, and allocated.</summary>
    /// <param name="literalLength">Characters of its fixed parts.</param>
    /// <param name="formattedCount">How many values it has.</param>
    public TextBuilder(int literalLength, int formattedCount)
    {
        _buffer = new char[literalLength + formattedCount * 12];
        _length = 0;
        _isFixed = false;
    }

    /// <summary>Writes into the given room and allocates nothing; what does not fit is left out.</summary>
    public TextBuilder(Span<char> room)
    {
        _buffer = room;
        _length = 0;
        _isFixed = true;
    }

    /// <summary>An interpolated string as a string, in the current arena.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Format(ref TextBuilder text) => text.ToString();

    /// <summary>What was written so far; valid until the next append.</summary>
    public readonly ReadOnlySpan<char> Written => _buffer.Slice(0, _length);

    /// <summary>A copy of <see cref="Written"/>, in the current arena.</summary>
    public override readonly string ToString() => new(Written);

    /// <summary>A fixed part of an interpolated string.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendLiteral(string value) => Append(value.AsSpan());

    /// <summary>A string; null is empty.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted(string? value)
    {
        if (value is not null)
        {
            Append(value.AsSpan());
        }
    }

    /// <summary>Characters as they are.</summary>
    public void AppendFormatted(scoped ReadOnlySpan<char> value) => Append(value);

    /// <summary>Bytes from outside, as ASCII; what is not printable shows as '.'.</summary>
    public void AppendFormatted(scoped ReadOnlySpan<byte> value)
    {
        foreach (byte b in value)
        {
            Append(b is >= 0x20 and < 0x7F ? (char)b : '.');
        }
    }

    /// <summary>One character.</summary>
    public void AppendFormatted(char value) => Append(value);

    /// <summary>In decimal.</summary>
    public void AppendFormatted(int value) => AppendFormatted((long)value);

    /// <summary>In decimal.</summary>
    public void AppendFormatted(uint value) => AppendFormatted((ulong)value);

    /// <summary>In decimal.</summary>
    public void AppendFormatted(nuint value) => AppendFormatted((ulong)value);

    /// <summary>In decimal.</summary>
    public void AppendFormatted(long value)
    {
        if (value < 0)
        {
            Append('-');
        }

        AppendFormatted(value < 0 ? unchecked((ulong)-value) : (ulong)value);
    }

    /// <summary>In decimal.</summary>
    public void AppendFormatted(ulong value) => AppendNumber(value, 10, 1, 'a');

    /// <summary>Formats "x", "xN", "X", "XN" (hexadecimal in that case, at least N digits) and "dN" (decimal, at least N digits).</summary>
    public void AppendFormatted(ulong value, string format)
    {
        int digits = format.Length > 1 ? format[1] - '0' : 1;
        if (format.Length > 2)
        {
            digits = digits * 10 + (format[2] - '0');
        }

        AppendNumber(value, format[0] == 'd' ? 10u : 16u, digits, format[0] == 'X' ? 'A' : 'a');
    }

    /// <inheritdoc cref="AppendFormatted(ulong, string)"/>
    public void AppendFormatted(uint value, string format) => AppendFormatted((ulong)value, format);

    /// <summary>As <see cref="AppendFormatted(ulong, string)"/>; not for negative numbers.</summary>
    public void AppendFormatted(int value, string format) => AppendFormatted((ulong)value, format);

    /// <inheritdoc cref="AppendFormatted(ulong, string)"/>
    public void AppendFormatted(nuint value, string format) => AppendFormatted((ulong)value, format);

    /// <summary>A value that writes itself.</summary>
    public void AppendFormatted<T>(T value) where T : ITextFormattable => value.AppendTo(ref this);

    /// <summary>Writes a string; what does not fit into fixed room is left out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Append(string value) => Append(value.AsSpan());

    /// <summary>Writes characters; what does not fit into fixed room is left out.</summary>
    public void Append(scoped ReadOnlySpan<char> value)
    {
        int room = Reserve(value.Length);
        value.Slice(0, room).CopyTo(_buffer.Slice(_length));
        _length += room;
    }

    /// <summary>Writes a character, unless fixed room is full.</summary>
    public void Append(char value)
    {
        if (Reserve(1) != 0)
        {
            _buffer[_length++] = value;
        }
    }

    private void AppendNumber(ulong value, uint radix, int minimumDigits, char ten)
    {
        Span<char> digits = stackalloc char[20];
        int at = digits.Length;
        do
        {
            uint digit = (uint)(value % radix);
            digits[--at] = (char)(digit < 10 ? '0' + digit : ten + digit - 10);
            value /= radix;
        }
        while (value != 0);
        for (int missing = minimumDigits - (digits.Length - at); missing > 0; missing--)
        {
            Append('0');
        }

        Append(digits.Slice(at));
    }

    /// <summary>How many of <paramref name="more"/> characters there is room for: all of them, unless the room is fixed.</summary>
    private int Reserve(int more)
    {
        int left = _buffer.Length - _length;
        if (left >= more || _isFixed)
        {
            return Math.Min(left, more);
        }

        char[] larger = new char[Math.Max(_buffer.Length * 2, _length + more)];
        Written.CopyTo(larger);
        _buffer = larger;
        return more;
    }
}
