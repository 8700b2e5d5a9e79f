namespace Uefi.Interop.Raw;

/// <summary>How AllocatePages chooses the address. UEFI 2.10, 7.2.1.</summary>
public enum EFI_ALLOCATE_TYPE : uint
{
    AllocateAnyPages,
    AllocateMaxAddress,
    AllocateAddress,
    MaxAllocateType,
}
