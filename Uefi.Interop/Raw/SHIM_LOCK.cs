namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What shim publishes for the boot loader that it has started (rhboot/shim, shim.h).</summary>
public unsafe struct SHIM_LOCK : IProtocol
{
    /// <summary>SHIM_LOCK_GUID, which is the vendor of its variables too.</summary>
    public static EFI_GUID Guid => new(0x605DAB50, 0xE046, 0x4300, 0xAB, 0xB6, 0x3D, 0xD8, 0x10, 0xDD, 0x8B, 0x23);

    /// <summary>
    /// Verifies an image, with C's calling convention of other systems: see <see cref="Machine.CallSystemV"/>. (Buffer, Size of 32 bits)
    /// </summary>
    public void* Verify;

    /// <summary>Hashes an image.</summary>
    public void* Hash;

    /// <summary>Reads an image's header.</summary>
    public void* Context;
}
