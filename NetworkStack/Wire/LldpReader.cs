using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over what a station says of itself by LLDP (IEEE 802.1AB-2016, 8): values with a type of 7 bits and a length of 9, up to the end of LLDPDU.</summary>
public ref struct LldpReader(ReadOnlySpan<byte> message)
{
    /// <summary>IEEE 802.1AB-2016, 8.5.2.</summary>
    public const int ChassisId = 1;

    /// <summary>IEEE 802.1AB-2016, 8.5.3.</summary>
    public const int PortId = 2;

    /// <summary>IEEE 802.1AB-2016, 8.5.4: 2 bytes, seconds.</summary>
    public const int TimeToLive = 3;

    private const int HeaderSize = 2;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>From 1.</summary>
    public int Type { get; private set; }

    /// <summary>At most 511 bytes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>A value ran over the end; it was dropped.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Moves to the next value; false when there is none.</summary>
    public bool Read()
    {
        int header = _rest.Length < HeaderSize ? 0 : WireBytes.Read16(_rest, 0);
        int length = header & 0x1FF;
        Type = header >> 9;
        if (Type == 0 || _rest.Length - HeaderSize < length)
        {
            IsDamaged |= Type != 0 || _rest.Length == 1;
            _rest = default;
            return false;
        }

        Value = _rest.Slice(HeaderSize, length);
        _rest = _rest.Slice(HeaderSize + length);
        return true;
    }
}
