namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A configured VLAN. UEFI 2.10, 27.1.3.</summary>
public struct EFI_VLAN_FIND_DATA
{
    /// <summary>0 - 4094; 0 for frames without a tag, or with priority alone.</summary>
    public ushort VlanId;

    /// <summary>0 - 7.</summary>
    public byte Priority;
}
