namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The header that precedes every standard EFI table. UEFI 2.10, 4.2.1.</summary>
public struct EFI_TABLE_HEADER
{
    /// <summary>Eight characters that say which table it is, the first in the lowest byte.</summary>
    public ulong Signature;

    /// <summary>Major version in the upper 16 bits; in the lower, minor times ten plus the third digit (2.10: 0x00020064).</summary>
    public uint Revision;

    /// <summary>Size in bytes of the whole table, this header included.</summary>
    public uint HeaderSize;

    /// <summary>CRC32 over HeaderSize bytes, with this field as zero.</summary>
    public uint CRC32;

    /// <summary>0.</summary>
    public uint Reserved;
}
