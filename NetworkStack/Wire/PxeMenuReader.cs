using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over the items of a PXE boot menu (PXE 2.1, 2.2.3: PXE_BOOT_MENU): a boot server's type, 2 bytes, and a text with its length, 1 byte.</summary>
public ref struct PxeMenuReader(ReadOnlySpan<byte> menu)
{
    private const int HeaderSize = 3;

    private readonly ReadOnlySpan<byte> _menu = menu;
    private int _next;

    /// <summary>The type of boot server that the item stands for; 0 to boot from the machine's own disk.</summary>
    public ushort Type { get; private set; }

    /// <summary>What the menu shows.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>Where the item begins.</summary>
    public int Offset { get; private set; }

    /// <summary>The item at <see cref="Offset"/> runs over the menu's end; it was dropped.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Moves to the next item; false when there is none.</summary>
    public bool Read()
    {
        ReadOnlySpan<byte> rest = _menu.Slice(_next);
        if (rest.IsEmpty || IsDamaged)
        {
            return false;
        }

        Offset = _next;
        if (rest.Length < HeaderSize || rest.Length - HeaderSize < rest[2])
        {
            IsDamaged = true;
            return false;
        }

        Type = WireBytes.Read16(rest, 0);
        Text = DhcpMessage.TrimName(rest.Slice(HeaderSize, rest[2]));
        _next += HeaderSize + rest[2];
        return true;
    }
}
