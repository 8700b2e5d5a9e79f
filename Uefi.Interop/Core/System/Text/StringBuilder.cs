using System.Runtime.CompilerServices;

namespace System.Text;

/// <summary>A text that grows, in one piece. It grows in the arena that is current then.</summary>
public sealed class StringBuilder
{
    private char[] _buffer;
    private int _length;

    public StringBuilder()
        : this(16)
    {
    }

    public StringBuilder(int capacity)
    {
        _buffer = new char[capacity];
    }

    public StringBuilder(string? value)
        : this(value.AsSpan().Length) => Append(value);

    public int Capacity => _buffer.Length;

    /// <summary>What is added by a greater length is zeros.</summary>
    public int Length
    {
        get => _length;
        set
        {
            if (value < 0)
            {
                ThrowHelper.ThrowArgumentOutOfRange();
            }

            if (value > _length)
            {
                Append('\0', value - _length);
            }

            _length = value;
        }
    }

    [IndexerName("Chars")]
    public char this[int index]
    {
        get => Written[index];
        set => Written[index] = value;
    }

    private Span<char> Written => new(_buffer, 0, _length);

    public StringBuilder Append(string? value) => Append(value.AsSpan());

    public StringBuilder Append(ReadOnlySpan<char> value)
    {
        value.CopyTo(Open(_length, value.Length));
        return this;
    }

    public StringBuilder Append(char value)
    {
        Open(_length, 1)[0] = value;
        return this;
    }

    public StringBuilder Append(char value, int repeatCount)
    {
        Open(_length, repeatCount).Fill(value);
        return this;
    }

    public StringBuilder Append(string? value, int startIndex, int count) => Append(value.AsSpan(startIndex, count));

    public StringBuilder Append(char[]? value) => Append(new ReadOnlySpan<char>(value));

    public StringBuilder Append(StringBuilder? value) => value is null ? this : Append(value.ToString());

    public StringBuilder Append(bool value) => Append(value.ToString());

    public StringBuilder Append(int value) => Append(value.ToString());

    public StringBuilder Append(uint value) => Append(value.ToString());

    public StringBuilder Append(long value) => Append(value.ToString());

    public StringBuilder Append(ulong value) => Append(value.ToString());

    public StringBuilder Append(object? value) => Append(value?.ToString());

    public StringBuilder AppendLine() => Append("\r\n");

    public StringBuilder AppendLine(string? value) => Append(value).AppendLine();

    public StringBuilder AppendFormat(string format, object? arg0) => Append(string.Format(format, arg0));

    public StringBuilder AppendFormat(string format, object? arg0, object? arg1) => Append(string.Format(format, arg0, arg1));

    public StringBuilder AppendFormat(string format, params object?[] args) => Append(string.Format(format, args));

    public StringBuilder AppendJoin(string? separator, params string?[] values) => Append(string.Join(separator, values));

    public StringBuilder AppendJoin(char separator, params string?[] values) => Append(string.Join(separator, values));

    public StringBuilder Insert(int index, string? value)
    {
        value.AsSpan().CopyTo(Open(index, value.AsSpan().Length));
        return this;
    }

    public StringBuilder Insert(int index, char value)
    {
        Open(index, 1)[0] = value;
        return this;
    }

    public StringBuilder Insert(int index, object? value) => Insert(index, value?.ToString());

    public StringBuilder Remove(int startIndex, int length)
    {
        Span<char> rest = Written.Slice(startIndex).Slice(length);
        rest.CopyTo(Written.Slice(startIndex));
        _length -= length;
        return this;
    }

    public StringBuilder Replace(char oldChar, char newChar)
    {
        foreach (ref char each in Written)
        {
            each = each == oldChar ? newChar : each;
        }

        return this;
    }

    public StringBuilder Replace(string oldValue, string? newValue)
    {
        string replaced = ToString().Replace(oldValue, newValue);
        _length = 0;
        return Append(replaced);
    }

    public StringBuilder Clear()
    {
        _length = 0;
        return this;
    }

    public override string ToString() => new(Written);

    public string ToString(int startIndex, int length) => new(Written.Slice(startIndex, length));

    /// <summary>Makes room at a place, and what stands behind it moves.</summary>
    private Span<char> Open(int index, int count)
    {
        if ((uint)index > (uint)_length || count < 0)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        if (_buffer.Length - _length < count)
        {
            Array.Resize(ref _buffer, Math.Max(Math.Max(_buffer.Length * 2, 16), checked(_length + count)));
        }

        new ReadOnlySpan<char>(_buffer, index, _length - index).CopyTo(new Span<char>(_buffer, index + count, _length - index));
        _length += count;
        return new Span<char>(_buffer, index, count);
    }
}
