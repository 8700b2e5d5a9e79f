using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Writes a DHCPv6 message of a client (RFC 8415, 8), or options alone: in the order of the calls.</summary>
public ref struct Dhcp6Writer
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Begins a message.</summary>
    /// <param name="buffer">At least 4 bytes; what is written beyond it is left out: <see cref="IsFull"/>.</param>
    /// <param name="type">A client's.</param>
    /// <param name="transactionId">The lower 24 bits count.</param>
    public Dhcp6Writer(Span<byte> buffer, Dhcp6MessageType type, uint transactionId)
        : this(buffer)
    {
        WireBytes.Write32(buffer.Slice(0, Dhcp6Message.HeaderSize), 0, ((uint)type << 24) | (transactionId & 0xFF_FFFF));
        _length = Dhcp6Message.HeaderSize;
    }

    /// <summary>Begins options without a message around them.</summary>
    public Dhcp6Writer(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Something did not fit and is missing.</summary>
    public bool IsFull { get; private set; }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer.Slice(0, _length);

    /// <summary>Appends an option.</summary>
    public void Option(ushort tag, scoped ReadOnlySpan<byte> value)
    {
        int start = Begin(tag);
        Append(value);
        End(start);
    }

    /// <summary>Appends an option of one number.</summary>
    public void Option(ushort tag, ushort value) => Option(tag, [(byte)(value >> 8), (byte)value]);

    /// <summary>Begins an option whose value follows by <see cref="Append(ReadOnlySpan{byte})"/>, or with options in it.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public int Begin(ushort tag)
    {
        int start = _length;
        Append([(byte)(tag >> 8), (byte)tag, 0, 0]);
        return start;
    }

    /// <summary>Ends an option; one that did not fit is left out whole.</summary>
    /// <param name="start">As <see cref="Begin"/> returned it.</param>
    public void End(int start)
    {
        if (IsFull)
        {
            _length = start;
            return;
        }

        int size = _length - start - Dhcp6OptionReader.HeaderSize;
        _buffer[start + 2] = (byte)(size >> 8);
        _buffer[start + 3] = (byte)size;
    }

    /// <summary>Appends a number.</summary>
    public void Append(uint value) => Append([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    /// <summary>Appends a text behind its length of 2 bytes, as classes have it (RFC 8415, 21.15).</summary>
    public void AppendText(scoped ReadOnlySpan<byte> text)
    {
        Append([(byte)(text.Length >> 8), (byte)text.Length]);
        Append(text);
    }

    /// <summary>Appends bytes, such as what another writer has <see cref="Written"/>.</summary>
    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        IsFull |= _buffer.Length - _length < bytes.Length;
        if (!IsFull)
        {
            bytes.CopyTo(_buffer.Slice(_length));
            _length += bytes.Length;
        }
    }
}
