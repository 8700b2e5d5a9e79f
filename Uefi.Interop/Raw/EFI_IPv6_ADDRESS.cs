namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An IPv6 address in network order; a buffer of bytes, so unaligned. UEFI 2.10, 24.3 and 2.3.1.</summary>
public unsafe struct EFI_IPv6_ADDRESS
{
    /// <summary>The first byte is the one that is written first.</summary>
    public fixed byte Addr[16];
}
