namespace NetBoot.Uefi.Interop.Raw;

/// <summary>One opening of a protocol. UEFI 2.10, 7.3.11 (OpenProtocolInformation).</summary>
public struct EFI_OPEN_PROTOCOL_INFORMATION_ENTRY
{
    /// <summary>Who opened it: the image, or the driver's binding handle.</summary>
    public EFI_HANDLE AgentHandle;

    /// <summary>For which controller, or null.</summary>
    public EFI_HANDLE ControllerHandle;

    /// <summary>EFI_OPEN_PROTOCOL_* bits.</summary>
    public uint Attributes;

    /// <summary>How often these three were opened.</summary>
    public uint OpenCount;
}
