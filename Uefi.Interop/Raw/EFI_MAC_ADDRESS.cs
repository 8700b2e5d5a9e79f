namespace Uefi.Interop.Raw;

/// <summary>A hardware address; Ethernet uses the first 6 bytes, the rest are zero. UEFI 2.10, 24.1.2.</summary>
public unsafe struct EFI_MAC_ADDRESS
{
    public const int Size = 32;

    public fixed byte Addr[Size];
}
