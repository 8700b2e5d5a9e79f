namespace Uefi.Interop.Raw;

/// <summary>A configured VLAN. UEFI 2.10, 27.1.3.</summary>
public struct EFI_VLAN_FIND_DATA
{
    public ushort VlanId;
    public byte Priority;
}
