namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The event groups that firmware signals. UEFI 2.10, 7.1.2 (CreateEventEx).</summary>
public static class EFI_EVENT_GROUP
{
    /// <summary>Signalled by ExitBootServices, the last time that events are; nothing may be allocated then.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_EXIT_BOOT_SERVICES =>
        new(0x27ABF055, 0xB1B8, 0x4C26, 0x80, 0x48, 0x74, 0x8F, 0x37, 0xBA, 0xA2, 0xDF);

    /// <summary>Signalled by ExitBootServices before the timer stops; new in 2.10.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES =>
        new(0x8BE0E274, 0x3970, 0x4B44, 0x80, 0xC5, 0x1A, 0xB9, 0x50, 0x2F, 0x3B, 0xFC);

    /// <summary>Signalled by SetVirtualAddressMap, for pointers to be converted.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE =>
        new(0x13FA7698, 0xC831, 0x49C7, 0x87, 0xEA, 0x8F, 0x43, 0xFC, 0xC2, 0x51, 0x96);

    /// <summary>Signalled when the memory map has changed; nothing may be allocated then.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_MEMORY_MAP_CHANGE =>
        new(0x78BEE926, 0x692F, 0x48FD, 0x9E, 0xDB, 0x01, 0x42, 0x2E, 0xF0, 0xD7, 0xAB);

    /// <summary>Signalled when the boot manager is about to start a boot option.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_READY_TO_BOOT =>
        new(0x7CE88FB3, 0x4BD7, 0x4679, 0x87, 0xA8, 0xA8, 0xD8, 0xDE, 0xE5, 0x0D, 0x2B);

    /// <summary>Signalled after the ReadyToBoot group; new in 2.10.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_AFTER_READY_TO_BOOT =>
        new(0x3A2A00AD, 0x98B9, 0x4CDF, 0xA4, 0x78, 0x70, 0x27, 0x77, 0xF1, 0xC1, 0x0B);

    /// <summary>Signalled by ResetSystem before the reset.</summary>
    public static EFI_GUID EFI_EVENT_GROUP_RESET_SYSTEM =>
        new(0x62DA6A56, 0x13FB, 0x485A, 0xA8, 0xDA, 0xA3, 0xDD, 0x79, 0x12, 0xCB, 0x6B);
}
