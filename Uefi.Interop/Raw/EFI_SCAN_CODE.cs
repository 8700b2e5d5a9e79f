namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Scan codes of keys without a character. UEFI 2.10, 12.1.2.</summary>
public static class EFI_SCAN_CODE
{
    /// <summary>No scan code: the key has a character.</summary>
    public const ushort SCAN_NULL = 0x0000;

    /// <summary>The arrow up.</summary>
    public const ushort SCAN_UP = 0x0001;

    /// <summary>The arrow down.</summary>
    public const ushort SCAN_DOWN = 0x0002;

    /// <summary>The arrow right.</summary>
    public const ushort SCAN_RIGHT = 0x0003;

    /// <summary>The arrow left.</summary>
    public const ushort SCAN_LEFT = 0x0004;

    /// <summary>Home.</summary>
    public const ushort SCAN_HOME = 0x0005;

    /// <summary>End.</summary>
    public const ushort SCAN_END = 0x0006;

    /// <summary>Insert.</summary>
    public const ushort SCAN_INSERT = 0x0007;

    /// <summary>Delete; backspace is a character.</summary>
    public const ushort SCAN_DELETE = 0x0008;

    /// <summary>Page up.</summary>
    public const ushort SCAN_PAGE_UP = 0x0009;

    /// <summary>Page down.</summary>
    public const ushort SCAN_PAGE_DOWN = 0x000A;

    /// <summary>The function key F1.</summary>
    public const ushort SCAN_F1 = 0x000B;

    /// <summary>The function key F2.</summary>
    public const ushort SCAN_F2 = 0x000C;

    /// <summary>The function key F3.</summary>
    public const ushort SCAN_F3 = 0x000D;

    /// <summary>The function key F4.</summary>
    public const ushort SCAN_F4 = 0x000E;

    /// <summary>The function key F5.</summary>
    public const ushort SCAN_F5 = 0x000F;

    /// <summary>The function key F6.</summary>
    public const ushort SCAN_F6 = 0x0010;

    /// <summary>The function key F7.</summary>
    public const ushort SCAN_F7 = 0x0011;

    /// <summary>The function key F8.</summary>
    public const ushort SCAN_F8 = 0x0012;

    /// <summary>The function key F9.</summary>
    public const ushort SCAN_F9 = 0x0013;

    /// <summary>The function key F10.</summary>
    public const ushort SCAN_F10 = 0x0014;

    /// <summary>The function key F11.</summary>
    public const ushort SCAN_F11 = 0x0015;

    /// <summary>The function key F12.</summary>
    public const ushort SCAN_F12 = 0x0016;

    /// <summary>Escape.</summary>
    public const ushort SCAN_ESC = 0x0017;
}
