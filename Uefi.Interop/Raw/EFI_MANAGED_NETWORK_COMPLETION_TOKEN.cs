namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A transmission or reception under way. UEFI 2.10, 25.1.</summary>
public unsafe struct EFI_MANAGED_NETWORK_COMPLETION_TOKEN
{
    /// <summary>Signalled when it is done; made by the caller, of EVT_NOTIFY_SIGNAL.</summary>
    public EFI_EVENT Event;

    /// <summary>What became of it, before Event is signalled.</summary>
    public EFI_STATUS Status;

    /// <summary>An EFI_MANAGED_NETWORK_RECEIVE_DATA* or EFI_MANAGED_NETWORK_TRANSMIT_DATA*.</summary>
    public void* Packet;
}
