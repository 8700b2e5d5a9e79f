using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over DHCPv6 options, one after the other (RFC 8415, 21.1): code, length, value.</summary>
public ref struct Dhcp6OptionReader(ReadOnlySpan<byte> options)
{
    internal const int HeaderSize = 4;

    private readonly int _size = options.Length;
    private ReadOnlySpan<byte> _rest = options;

    /// <summary>The option's number: <see cref="Dhcp6Tag"/>. Of one that is cut off too, if it is there.</summary>
    public ushort Tag { get; private set; }

    /// <summary>Where it begins in the options.</summary>
    public int Offset { get; private set; }

    /// <summary>Its bytes, without code and length.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>An option runs over the end; it is at <see cref="Offset"/>.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Moves to the next option; false when there is none.</summary>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        Offset = _size - _rest.Length;
        bool hasHeader = _rest.Length >= HeaderSize;
        Tag = _rest.Length >= 2 ? WireBytes.Read16(_rest, 0) : (ushort)0;
        if (!hasHeader || _rest.Length - HeaderSize < WireBytes.Read16(_rest, 2))
        {
            IsDamaged = true;
            _rest = default;
            return false;
        }

        Value = _rest.Slice(HeaderSize, WireBytes.Read16(_rest, 2));
        _rest = _rest.Slice(HeaderSize + Value.Length);
        return true;
    }

    /// <summary>The value of the first option with a tag.</summary>
    public static bool TryFind(ReadOnlySpan<byte> options, ushort tag, out ReadOnlySpan<byte> value)
    {
        Dhcp6OptionReader reader = new(options);
        while (reader.Read())
        {
            if (reader.Tag == tag)
            {
                value = reader.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
