using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over the options in a field (RFC 2132, 2): code, length, value; pads skipped, up to the end option.</summary>
public ref struct DhcpOptionReader(ReadOnlySpan<byte> field)
{
    private readonly int _size = field.Length;
    private ReadOnlySpan<byte> _rest = field;

    /// <summary>The option's number.</summary>
    public byte Tag { get; private set; }

    /// <summary>Where its tag is in the field; where the damage begins when it <see cref="IsDamaged"/>.</summary>
    public int Offset { get; private set; }

    /// <summary>Its bytes, without tag and length.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>An option ran over the field's end; it and what followed it was dropped.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Moves to the next option; false when there is none.</summary>
    public bool Read()
    {
        while (!_rest.IsEmpty && _rest[0] == DhcpTag.Pad)
        {
            _rest = _rest.Slice(1);
        }

        if (_rest.IsEmpty || _rest[0] == DhcpTag.End)
        {
            return false;
        }

        Offset = _size - _rest.Length;
        if (_rest.Length < 2 || _rest.Length - 2 < _rest[1])
        {
            IsDamaged = true;
            _rest = default;
            return false;
        }

        Tag = _rest[0];
        Value = _rest.Slice(2, _rest[1]);
        _rest = _rest.Slice(2 + Value.Length);
        return true;
    }
}
