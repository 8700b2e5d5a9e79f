namespace Uefi.Interop.Raw;

/// <summary>The states of EFI_SIMPLE_NETWORK_PROTOCOL. UEFI 2.10, 24.1.2.</summary>
public enum EFI_SIMPLE_NETWORK_STATE : uint
{
    EfiSimpleNetworkStopped,
    EfiSimpleNetworkStarted,
    EfiSimpleNetworkInitialized,
    EfiSimpleNetworkMaxState,
}
