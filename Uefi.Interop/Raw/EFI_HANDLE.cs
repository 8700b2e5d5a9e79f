namespace NetBoot.Uefi.Interop.Raw;

/// <summary>EFI_HANDLE: an opaque pointer into the firmware's handle database. UEFI 2.10, 2.3.1.</summary>
public readonly struct EFI_HANDLE(nint value)
{
    /// <summary>The pointer; 0 for no handle.</summary>
    public readonly nint Value = value;

    /// <summary>There is no handle.</summary>
    public bool IsNull => Value == 0;

    /// <summary>The same handle.</summary>
    public static bool operator ==(EFI_HANDLE a, EFI_HANDLE b) => a.Value == b.Value;

    /// <summary>Not the same handle.</summary>
    public static bool operator !=(EFI_HANDLE a, EFI_HANDLE b) => a.Value != b.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EFI_HANDLE other && other.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value;
}
