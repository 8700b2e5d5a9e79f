namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The last ICMP error. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_ICMP_ERROR
{
    /// <summary>ICMP's type.</summary>
    public byte Type;

    /// <summary>ICMP's code, within the type.</summary>
    public byte Code;

    /// <summary>As received.</summary>
    public ushort Checksum;

    /// <summary>Reserved, MTU, pointer, or identifier and sequence, by Type.</summary>
    public uint u;

    /// <summary>The datagram that caused it, as far as it was sent back.</summary>
    public fixed byte Data[494];
}
