namespace Uefi.Interop.Raw;

/// <summary>EFI_GUID: 16 bytes, the first three fields little-endian. UEFI 2.10, 2.3.1 and Appendix A.</summary>
public readonly struct EFI_GUID(
    uint data1, ushort data2, ushort data3,
    byte data40, byte data41, byte data42, byte data43, byte data44, byte data45, byte data46, byte data47)
{
    public readonly uint Data1 = data1;
    public readonly ushort Data2 = data2;
    public readonly ushort Data3 = data3;
    public readonly byte Data40 = data40;
    public readonly byte Data41 = data41;
    public readonly byte Data42 = data42;
    public readonly byte Data43 = data43;
    public readonly byte Data44 = data44;
    public readonly byte Data45 = data45;
    public readonly byte Data46 = data46;
    public readonly byte Data47 = data47;

    public static bool operator ==(EFI_GUID a, EFI_GUID b) =>
        a.Data1 == b.Data1 && a.Data2 == b.Data2 && a.Data3 == b.Data3 &&
        a.Data40 == b.Data40 && a.Data41 == b.Data41 && a.Data42 == b.Data42 && a.Data43 == b.Data43 &&
        a.Data44 == b.Data44 && a.Data45 == b.Data45 && a.Data46 == b.Data46 && a.Data47 == b.Data47;

    public static bool operator !=(EFI_GUID a, EFI_GUID b) => !(a == b);
    public override bool Equals(object? obj) => obj is EFI_GUID other && other == this;
    public override int GetHashCode() => (int)Data1;
}
