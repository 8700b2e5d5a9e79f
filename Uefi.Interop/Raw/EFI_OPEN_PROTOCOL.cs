namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Attributes of OpenProtocol. UEFI 2.10, 7.3.9.</summary>
public static class EFI_OPEN_PROTOCOL
{
    /// <summary>As HandleProtocol opens it: no controller, and no close is needed.</summary>
    public const uint EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL = 0x00000001;

    /// <summary>A driver wants the interface; it learns of no removal.</summary>
    public const uint EFI_OPEN_PROTOCOL_GET_PROTOCOL = 0x00000002;

    /// <summary>Only whether it is there; Interface may be null, and no close is needed.</summary>
    public const uint EFI_OPEN_PROTOCOL_TEST_PROTOCOL = 0x00000004;

    /// <summary>ControllerHandle is a child of the handle.</summary>
    public const uint EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER = 0x00000008;

    /// <summary>A driver manages the handle with it, and is stopped before it is removed. EFI_ACCESS_DENIED when another does.</summary>
    public const uint EFI_OPEN_PROTOCOL_BY_DRIVER = 0x00000010;

    /// <summary>For one alone: drivers that have it are stopped first.</summary>
    public const uint EFI_OPEN_PROTOCOL_EXCLUSIVE = 0x00000020;
}
