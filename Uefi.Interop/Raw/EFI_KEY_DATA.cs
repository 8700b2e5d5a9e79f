namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A keystroke with its state. UEFI 2.10, 12.2.3 (ReadKeyStrokeEx).</summary>
public struct EFI_KEY_DATA
{
    /// <summary>The key itself.</summary>
    public EFI_INPUT_KEY Key;

    /// <summary>What was held down or switched on with it.</summary>
    public EFI_KEY_STATE KeyState;
}
