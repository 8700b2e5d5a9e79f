namespace System.Runtime.CompilerServices;

/// <summary>What the compiler makes of <c>$"..."</c>. It grows, and its text lies, in the current arena.</summary>
[InterpolatedStringHandler]
public ref struct DefaultInterpolatedStringHandler
{
    private Span<char> _buffer;
    private int _length;

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount)
        : this(literalLength, formattedCount, null)
    {
    }

    /// <summary>There are no cultures: the provider makes no difference.</summary>
    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount, IFormatProvider? provider)
    {
        _buffer = new char[literalLength + (formattedCount * 11)];
        _length = 0;
    }

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount, IFormatProvider? provider, Span<char> initialBuffer)
    {
        _buffer = initialBuffer;
        _length = 0;
    }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<char> Text => _buffer.Slice(0, _length);

    public override readonly string ToString() => new(Text);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public string ToStringAndClear()
    {
        string text = ToString();
        this = default;
        return text;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendLiteral(string value) => AppendFormatted(value.AsSpan());

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted(string? value) => AppendFormatted(value.AsSpan());

    public void AppendFormatted(scoped ReadOnlySpan<char> value)
    {
        Reserve(value.Length);
        value.CopyTo(_buffer.Slice(_length));
        _length += value.Length;
    }

    public void AppendFormatted(scoped ReadOnlySpan<char> value, int alignment = 0, string? format = null)
    {
        int start = _length;
        AppendFormatted(value);
        Align(start, alignment);
    }

    public void AppendFormatted(string? value, int alignment = 0, string? format = null) => AppendFormatted(value.AsSpan(), alignment);

    public void AppendFormatted(object? value, int alignment = 0, string? format = null) => AppendFormatted<object?>(value, alignment, format);

    // What is usual has methods of its own, that there need not be one more for each type.

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted(int value) => AppendFormatted((long)value, 0, null);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AppendFormatted(uint value) => AppendFormatted((ulong)value, 0, null);

    public void AppendFormatted(char value) => AppendFormatted(new ReadOnlySpan<char>(in value));

    public void AppendFormatted(bool value) => AppendFormatted(value.ToString());

    public void AppendFormatted<T>(T value) => AppendFormatted(value, 0, null);

    public void AppendFormatted<T>(T value, string? format) => AppendFormatted(value, 0, format);

    public void AppendFormatted<T>(T value, int alignment) => AppendFormatted(value, alignment, null);

    public void AppendFormatted<T>(T value, int alignment, string? format)
    {
        int start = _length;
        if (value is ISpanFormattable)
        {
            int written;
            while (!((ISpanFormattable)value).TryFormat(_buffer.Slice(_length), out written, format, null))
            {
                Reserve(_buffer.Length - _length + 1);
            }

            _length += written;
        }
        else
        {
            AppendFormatted(value is IFormattable ? ((IFormattable)value).ToString(format, null) : value?.ToString());
        }

        Align(start, alignment);
    }

    /// <summary>Fills up with blanks what begins there: on the left, or on the right when the width is negative.</summary>
    private void Align(int start, int width)
    {
        int length = _length - start;
        int blanks = (width < 0 ? -width : width) - length;
        if (blanks <= 0)
        {
            return;
        }

        Reserve(blanks);
        if (width < 0)
        {
            _buffer.Slice(_length, blanks).Fill(' ');
        }
        else
        {
            _buffer.Slice(start, length).CopyTo(_buffer.Slice(start + blanks));
            _buffer.Slice(start, blanks).Fill(' ');
        }

        _length += blanks;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _length < more)
        {
            char[] larger = new char[Math.Max(Math.Max(_buffer.Length * 2, 32), checked(_length + more))];
            Text.CopyTo(larger);
            _buffer = larger;
        }
    }
}
