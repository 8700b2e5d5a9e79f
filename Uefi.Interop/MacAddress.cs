using System;
using System.Buffers.Binary;

namespace NetBoot.Uefi.Interop;

/// <summary>A 48-bit IEEE 802 MAC address, in a register; the first byte on the wire is the lowest.</summary>
public readonly struct MacAddress(ulong value) : ITextFormattable
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 6;

    private readonly ulong _value = value & 0xFFFF_FFFF_FFFF;

    /// <param name="bytes">At least 6 bytes, in wire order.</param>
    public MacAddress(ReadOnlySpan<byte> bytes) : this(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(4)) << 32))
    {
    }

    /// <summary>FF:FF:FF:FF:FF:FF.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>The six bytes with the first on the wire lowest.</summary>
    public ulong Value => _value;

    /// <summary>All bytes are zero: no address.</summary>
    public bool IsZero => _value == 0;

    /// <summary>A group, or everybody: the first bit on the wire is set.</summary>
    public bool IsMulticast => (_value & 1) != 0;

    /// <summary>Everybody.</summary>
    public bool IsBroadcast => _value == 0xFFFF_FFFF_FFFF;

    /// <summary>Whether one station can have it: it is neither a group's nor zero.</summary>
    public bool IsStation => !IsZero && !IsMulticast;

    /// <summary>The same six bytes.</summary>
    public static bool operator ==(MacAddress a, MacAddress b) => a._value == b._value;

    /// <summary>Not the same six bytes.</summary>
    public static bool operator !=(MacAddress a, MacAddress b) => a._value != b._value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MacAddress other && other._value == _value;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_value ^ (int)(_value >> 32);

    /// <param name="destination">At least 6 bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)_value);
        BinaryPrimitives.WriteUInt16LittleEndian(destination.Slice(4), (ushort)(_value >> 32));
    }

    /// <summary>"52:54:00:12:34:56".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        for (int i = 0; i < Size; i++)
        {
            if (i > 0)
            {
                text.Append(':');
            }

            text.AppendFormatted((ulong)(byte)(_value >> (8 * i)), "x2");
        }
    }
}
