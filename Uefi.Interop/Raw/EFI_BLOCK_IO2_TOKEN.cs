namespace NetBoot.Uefi.Interop.Raw;

/// <summary>How who asks a block device hears of the end. UEFI 2.10, 13.10.4.</summary>
public struct EFI_BLOCK_IO2_TOKEN
{
    /// <summary>Signalled at the end; null to wait for it.</summary>
    public EFI_EVENT Event;

    /// <summary>How it went, once the event is signalled.</summary>
    public EFI_STATUS TransactionStatus;
}
