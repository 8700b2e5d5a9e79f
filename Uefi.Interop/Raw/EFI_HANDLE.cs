namespace Uefi.Interop.Raw;

/// <summary>EFI_HANDLE: an opaque pointer into the firmware's handle database. UEFI 2.10, 2.3.1.</summary>
public readonly struct EFI_HANDLE(nint value)
{
    public readonly nint Value = value;

    public bool IsNull => Value == 0;

    public static bool operator ==(EFI_HANDLE a, EFI_HANDLE b) => a.Value == b.Value;
    public static bool operator !=(EFI_HANDLE a, EFI_HANDLE b) => a.Value != b.Value;
    public override bool Equals(object? obj) => obj is EFI_HANDLE other && other.Value == Value;
    public override int GetHashCode() => (int)Value;
}
