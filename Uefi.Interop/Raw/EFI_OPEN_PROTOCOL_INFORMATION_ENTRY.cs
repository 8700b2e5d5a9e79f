namespace Uefi.Interop.Raw;

/// <summary>One opening of a protocol. UEFI 2.10, 7.3.11 (OpenProtocolInformation).</summary>
public struct EFI_OPEN_PROTOCOL_INFORMATION_ENTRY
{
    public EFI_HANDLE AgentHandle;
    public EFI_HANDLE ControllerHandle;

    /// <summary>EFI_OPEN_PROTOCOL_* bits.</summary>
    public uint Attributes;
    public uint OpenCount;
}
