namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The states of EFI_SIMPLE_NETWORK_PROTOCOL. UEFI 2.10, 24.1.2.</summary>
public enum EFI_SIMPLE_NETWORK_STATE : uint
{
    /// <summary>After Stop, and at first: nothing but Start works.</summary>
    EfiSimpleNetworkStopped,

    /// <summary>After Start, and after Shutdown.</summary>
    EfiSimpleNetworkStarted,

    /// <summary>After Initialize: frames go both ways.</summary>
    EfiSimpleNetworkInitialized,

    /// <summary>No state: the first number that is none.</summary>
    EfiSimpleNetworkMaxState,
}
