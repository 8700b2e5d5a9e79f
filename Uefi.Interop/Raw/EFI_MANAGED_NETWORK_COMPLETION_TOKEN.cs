namespace Uefi.Interop.Raw;

/// <summary>A transmission or reception under way. UEFI 2.10, 25.1.</summary>
public unsafe struct EFI_MANAGED_NETWORK_COMPLETION_TOKEN
{
    public EFI_EVENT Event;
    public EFI_STATUS Status;

    /// <summary>An EFI_MANAGED_NETWORK_RECEIVE_DATA* or EFI_MANAGED_NETWORK_TRANSMIT_DATA*.</summary>
    public void* Packet;
}
