namespace NetBoot.Uefi.Interop.Raw;

/// <summary>How AllocatePages chooses the address. UEFI 2.10, 7.2.1.</summary>
public enum EFI_ALLOCATE_TYPE : uint
{
    /// <summary>Anywhere; the address that goes in is ignored.</summary>
    AllocateAnyPages,

    /// <summary>At or below the address that goes in.</summary>
    AllocateMaxAddress,

    /// <summary>At the address that goes in, or EFI_NOT_FOUND.</summary>
    AllocateAddress,

    /// <summary>No type: the first number that is none.</summary>
    MaxAllocateType,
}
