namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A protocol interface structure that knows its GUID, so that the safe layer can open it by type.</summary>
public interface IProtocol
{
    /// <summary>The GUID under which the interface is installed.</summary>
    static abstract EFI_GUID Guid { get; }
}
