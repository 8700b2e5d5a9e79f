namespace Uefi.Interop.Raw;

/// <summary>Scan codes of keys without a character. UEFI 2.10, 12.1.2.</summary>
public static class EFI_SCAN_CODE
{
    public const ushort SCAN_NULL = 0x0000;
    public const ushort SCAN_UP = 0x0001;
    public const ushort SCAN_DOWN = 0x0002;
    public const ushort SCAN_RIGHT = 0x0003;
    public const ushort SCAN_LEFT = 0x0004;
    public const ushort SCAN_HOME = 0x0005;
    public const ushort SCAN_END = 0x0006;
    public const ushort SCAN_INSERT = 0x0007;
    public const ushort SCAN_DELETE = 0x0008;
    public const ushort SCAN_PAGE_UP = 0x0009;
    public const ushort SCAN_PAGE_DOWN = 0x000A;
    public const ushort SCAN_F1 = 0x000B;
    public const ushort SCAN_F2 = 0x000C;
    public const ushort SCAN_F3 = 0x000D;
    public const ushort SCAN_F4 = 0x000E;
    public const ushort SCAN_F5 = 0x000F;
    public const ushort SCAN_F6 = 0x0010;
    public const ushort SCAN_F7 = 0x0011;
    public const ushort SCAN_F8 = 0x0012;
    public const ushort SCAN_F9 = 0x0013;
    public const ushort SCAN_F10 = 0x0014;
    public const ushort SCAN_F11 = 0x0015;
    public const ushort SCAN_F12 = 0x0016;
    public const ushort SCAN_ESC = 0x0017;
}
