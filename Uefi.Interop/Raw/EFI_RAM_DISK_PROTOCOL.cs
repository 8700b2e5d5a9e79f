namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Makes disks of memory. UEFI 2.10, 13.17.</summary>
public unsafe struct EFI_RAM_DISK_PROTOCOL : IProtocol
{
    /// <summary>EFI_RAM_DISK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xAB38A0DF, 0x6873, 0x44A9, 0x87, 0xE6, 0xD4, 0xEB, 0x56, 0x14, 0x84, 0x49);

    /// <summary>EFI_VIRTUAL_DISK_GUID: a disk that is lost with the power.</summary>
    public static EFI_GUID VirtualDisk => new(0x77AB535A, 0x45FC, 0x624B, 0x55, 0x60, 0xF7, 0xB2, 0x81, 0xD1, 0xF9, 0x6E);

    /// <summary>EFI_VIRTUAL_CD_GUID: a CD that is lost with the power.</summary>
    public static EFI_GUID VirtualCd => new(0x3D5ABD30, 0x4175, 0x87CE, 0x6D, 0x64, 0xD2, 0xAD, 0xE5, 0x23, 0xC4, 0xBB);

    /// <summary>Makes one; its path is the caller's to free by the specification, but edk2 keeps it and frees it in Unregister. (RamDiskBase, RamDiskSize, RamDiskType, ParentDevicePath, DevicePath)</summary>
    public delegate* unmanaged<ulong, ulong, EFI_GUID*, EFI_DEVICE_PATH_PROTOCOL*, EFI_DEVICE_PATH_PROTOCOL**, EFI_STATUS> Register;

    /// <summary>Takes one away; its memory stays. (DevicePath)</summary>
    public delegate* unmanaged<EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> Unregister;
}
