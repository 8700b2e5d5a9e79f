namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A hardware address; Ethernet uses the first 6 bytes, the rest are zero. UEFI 2.10, 24.1.2.</summary>
public unsafe struct EFI_MAC_ADDRESS
{
    /// <summary>Bytes of the structure; the mode says how many of them count.</summary>
    public const int Size = 32;

    /// <summary>In the order of the wire.</summary>
    public fixed byte Addr[Size];
}
