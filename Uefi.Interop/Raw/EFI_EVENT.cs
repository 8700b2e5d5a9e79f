namespace Uefi.Interop.Raw;

/// <summary>EFI_EVENT: an opaque pointer to one of the firmware's events. UEFI 2.10, 2.3.1.</summary>
public readonly struct EFI_EVENT(nint value)
{
    public readonly nint Value = value;

    public bool IsNull => Value == 0;
}
