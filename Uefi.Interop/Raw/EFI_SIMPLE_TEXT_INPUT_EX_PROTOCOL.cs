namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The console's keyboard with shift states. UEFI 2.10, 12.2.</summary>
public unsafe struct EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL : IProtocol
{
    /// <summary>EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xDD9E7534, 0x7762, 0x4698, 0x8C, 0x14, 0xF5, 0x85, 0x17, 0xA6, 0x25, 0xAA);

    /// <summary>Resets the keyboard, and forgets what was typed. (This, ExtendedVerification)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL*, byte, EFI_STATUS> Reset;

    /// <summary>Takes the next keystroke. (This, KeyData); EFI_NOT_READY when there is no keystroke.</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL*, EFI_KEY_DATA*, EFI_STATUS> ReadKeyStrokeEx;

    /// <summary>Signalled while a keystroke waits; for WaitForEvent and CheckEvent.</summary>
    public EFI_EVENT WaitForKeyEx;

    /// <summary>Sets locks, and with EFI_KEY_STATE_EXPOSED what is told. (This, KeyToggleState)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL*, byte*, EFI_STATUS> SetState;

    /// <summary>
    /// Has a function called at a keystroke. NotifyHandle is for UnregisterKeyNotify. (This, KeyData, KeyNotificationFunction,
    /// NotifyHandle)
    /// </summary>
    public delegate* unmanaged<
        EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL*, EFI_KEY_DATA*, delegate* unmanaged<EFI_KEY_DATA*, EFI_STATUS>, void**, EFI_STATUS>
        RegisterKeyNotify;

    /// <summary>Ends that. (This, NotificationHandle)</summary>
    public delegate* unmanaged<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL*, void*, EFI_STATUS> UnregisterKeyNotify;
}
