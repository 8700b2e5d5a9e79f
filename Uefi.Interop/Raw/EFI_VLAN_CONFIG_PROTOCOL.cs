namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The VLANs of a network device. UEFI 2.10, 27.1.</summary>
public unsafe struct EFI_VLAN_CONFIG_PROTOCOL : IProtocol
{
    /// <summary>EFI_VLAN_CONFIG_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x9E23D768, 0xD2F3, 0x4366, 0x9F, 0xC3, 0x3A, 0x7A, 0xBA, 0x86, 0x43, 0x74);

    /// <summary>Adds a VLAN, or changes its priority. (This, VlanId, Priority)</summary>
    public delegate* unmanaged<EFI_VLAN_CONFIG_PROTOCOL*, ushort, byte, EFI_STATUS> Set;

    /// <summary>
    /// The VLANs there are; EFI_NOT_FOUND when there are none. (This, VlanId or null for all, NumberOfVlan, Entries); the caller frees the
    /// entries.
    /// </summary>
    public delegate* unmanaged<EFI_VLAN_CONFIG_PROTOCOL*, ushort*, ushort*, EFI_VLAN_FIND_DATA**, EFI_STATUS> Find;

    /// <summary>Removes a VLAN; EFI_NOT_FOUND when it is not there. (This, VlanId)</summary>
    public delegate* unmanaged<EFI_VLAN_CONFIG_PROTOCOL*, ushort, EFI_STATUS> Remove;
}
