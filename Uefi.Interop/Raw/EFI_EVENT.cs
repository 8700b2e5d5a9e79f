namespace NetBoot.Uefi.Interop.Raw;

/// <summary>EFI_EVENT: an opaque pointer to one of the firmware's events. UEFI 2.10, 2.3.1.</summary>
public readonly struct EFI_EVENT(nint value)
{
    /// <summary>The pointer; 0 for no event.</summary>
    public readonly nint Value = value;

    /// <summary>There is no event.</summary>
    public bool IsNull => Value == 0;
}
