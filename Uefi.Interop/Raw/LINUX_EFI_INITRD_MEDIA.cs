namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// The vendor media device path under which Linux's EFI stub looks for its initrd by LoadFile2.
/// Linux, include/linux/efi.h and Documentation/admin-guide/efi-stub.rst.
/// </summary>
public static class LINUX_EFI_INITRD_MEDIA
{
    /// <summary>The GUID of the vendor media node.</summary>
    public static EFI_GUID LINUX_EFI_INITRD_MEDIA_GUID => new(0x5568E427, 0x68FC, 0x4F3D, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68);
}
