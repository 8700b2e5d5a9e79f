namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Types of events. UEFI 2.10, 7.1.1 (CreateEvent).</summary>
public static class EVT
{
    /// <summary>It can be signalled by SetTimer.</summary>
    public const uint EVT_TIMER = 0x80000000;

    /// <summary>It and its notification are used after ExitBootServices.</summary>
    public const uint EVT_RUNTIME = 0x40000000;

    /// <summary>The notification is called when somebody waits for it or checks it.</summary>
    public const uint EVT_NOTIFY_WAIT = 0x00000100;

    /// <summary>The notification is called when it is signalled; it cannot be waited for.</summary>
    public const uint EVT_NOTIFY_SIGNAL = 0x00000200;

    /// <summary>Signalled by ExitBootServices; alone, for CreateEvent.</summary>
    public const uint EVT_SIGNAL_EXIT_BOOT_SERVICES = 0x00000201;

    /// <summary>Signalled by SetVirtualAddressMap; alone, for CreateEvent.</summary>
    public const uint EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE = 0x60000202;
}
