namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The console's keyboard. UEFI 2.10, 12.3.</summary>
public unsafe struct EFI_SIMPLE_TEXT_INPUT_PROTOCOL : IProtocol
{
    /// <summary>EFI_SIMPLE_TEXT_INPUT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x387477C1, 0x69C7, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>Resets the keyboard, and forgets what was typed. (This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>Takes the next keystroke. (This, Key); EFI_NOT_READY when there is no keystroke.</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_PROTOCOL*, EFI_INPUT_KEY*, EFI_STATUS> ReadKeyStroke;

    /// <summary>Signalled while a keystroke waits; for WaitForEvent and CheckEvent.</summary>
    public EFI_EVENT WaitForKey;
}
