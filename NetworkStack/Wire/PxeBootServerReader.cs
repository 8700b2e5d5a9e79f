using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Walks over a list of PXE boot servers (PXE 2.1, 2.2.3: PXE_BOOT_SERVERS): a type, 2 bytes, how many addresses, 1 byte, and the addresses. One
/// without addresses stands for every server of its type.
/// </summary>
public ref struct PxeBootServerReader(ReadOnlySpan<byte> list)
{
    private const int HeaderSize = 3;
    private const int AddressSize = 4;

    private readonly ReadOnlySpan<byte> _list = list;
    private ReadOnlySpan<byte> _addresses;
    private int _next;

    /// <summary>What the servers serve.</summary>
    public ushort Type { get; private set; }

    /// <summary>How many addresses there are.</summary>
    public readonly int Count => _addresses.Length / AddressSize;

    /// <summary>Where the entry begins.</summary>
    public int Offset { get; private set; }

    /// <summary>The entry at <see cref="Offset"/> runs over the list's end; it was dropped.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>An address.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public readonly IPv4Address GetAddress(int index) => DhcpMessage.ReadAddress(_addresses.Slice(index * AddressSize));

    /// <summary>Moves to the next entry; false when there is none.</summary>
    public bool Read()
    {
        ReadOnlySpan<byte> rest = _list.Slice(_next);
        if (rest.IsEmpty || IsDamaged)
        {
            return false;
        }

        Offset = _next;
        if (rest.Length < HeaderSize || rest.Length - HeaderSize < rest[2] * AddressSize)
        {
            IsDamaged = true;
            return false;
        }

        Type = WireBytes.Read16(rest, 0);
        _addresses = rest.Slice(HeaderSize, rest[2] * AddressSize);
        _next += HeaderSize + _addresses.Length;
        return true;
    }
}
