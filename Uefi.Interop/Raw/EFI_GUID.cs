using System;
using System.Globalization;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>EFI_GUID: 16 bytes, the first three fields little-endian. UEFI 2.10, 2.3.1 and appendix A.</summary>
public readonly struct EFI_GUID(
    uint data1, ushort data2, ushort data3,
    byte data40, byte data41, byte data42, byte data43, byte data44, byte data45, byte data46, byte data47) : ITextFormattable
{
    /// <summary>The first field of the text, bytes 0 to 3.</summary>
    public readonly uint Data1 = data1;

    /// <summary>The second field of the text, bytes 4 and 5.</summary>
    public readonly ushort Data2 = data2;

    /// <summary>The third field of the text, bytes 6 and 7.</summary>
    public readonly ushort Data3 = data3;

    /// <summary>Byte 8: the first of the fourth field.</summary>
    public readonly byte Data40 = data40;

    /// <summary>Byte 9: the second of the fourth field.</summary>
    public readonly byte Data41 = data41;

    /// <summary>Byte 10: the first of the last field.</summary>
    public readonly byte Data42 = data42;

    /// <summary>Byte 11: the second of the last field.</summary>
    public readonly byte Data43 = data43;

    /// <summary>Byte 12: the third of the last field.</summary>
    public readonly byte Data44 = data44;

    /// <summary>Byte 13: the fourth of the last field.</summary>
    public readonly byte Data45 = data45;

    /// <summary>Byte 14: the fifth of the last field.</summary>
    public readonly byte Data46 = data46;

    /// <summary>Byte 15: the last.</summary>
    public readonly byte Data47 = data47;

    /// <summary>All 16 bytes are equal.</summary>
    public static bool operator ==(EFI_GUID a, EFI_GUID b) =>
        a.Data1 == b.Data1 && a.Data2 == b.Data2 && a.Data3 == b.Data3 &&
        a.Data40 == b.Data40 && a.Data41 == b.Data41 && a.Data42 == b.Data42 && a.Data43 == b.Data43 &&
        a.Data44 == b.Data44 && a.Data45 == b.Data45 && a.Data46 == b.Data46 && a.Data47 == b.Data47;

    /// <summary>Some byte differs.</summary>
    public static bool operator !=(EFI_GUID a, EFI_GUID b) => !(a == b);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EFI_GUID other && other == this;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Data1;

    /// <summary>"8BE4DF61-93CA-11D2-AA0D-00E098032B8C".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        text.AppendFormatted(Data1, "X8");
        text.Append('-');
        text.AppendFormatted((uint)Data2, "X4");
        text.Append('-');
        text.AppendFormatted((uint)Data3, "X4");
        text.Append('-');
        text.AppendFormatted(((uint)Data40 << 8) | Data41, "X4");
        text.Append('-');
        text.AppendFormatted(
            ((ulong)Data42 << 40) | ((ulong)Data43 << 32) | ((ulong)Data44 << 24) | ((ulong)Data45 << 16) | ((ulong)Data46 << 8) | Data47, "X12");
    }

    /// <summary>Reads the form that <see cref="AppendTo"/> writes, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EFI_GUID guid)
    {
        guid = default;
        if (text.Length != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' ||
            !TryParseHexadecimal(text.Slice(0, 8), out ulong data1) || !TryParseHexadecimal(text.Slice(9, 4), out ulong data2) ||
            !TryParseHexadecimal(text.Slice(14, 4), out ulong data3) || !TryParseHexadecimal(text.Slice(19, 4), out ulong clock) ||
            !TryParseHexadecimal(text.Slice(24, 12), out ulong node))
        {
            return false;
        }

        guid = new EFI_GUID(
            (uint)data1, (ushort)data2, (ushort)data3, (byte)(clock >> 8), (byte)clock, (byte)(node >> 40), (byte)(node >> 32),
            (byte)(node >> 24), (byte)(node >> 16), (byte)(node >> 8), (byte)node);
        return true;
    }

    private static bool TryParseHexadecimal(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, null, out value);
}
