namespace Uefi.Interop.Raw;

/// <summary>The kind of interface that is installed. UEFI 2.10, 7.3.2 (InstallProtocolInterface).</summary>
public enum EFI_INTERFACE_TYPE : uint
{
    EFI_NATIVE_INTERFACE,
}
