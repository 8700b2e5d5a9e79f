namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The kind of interface that is installed. UEFI 2.10, 7.3.2 (InstallProtocolInterface).</summary>
public enum EFI_INTERFACE_TYPE : uint
{
    /// <summary>A pointer to code or data of this processor; there is no other.</summary>
    EFI_NATIVE_INTERFACE,
}
