namespace Uefi.Interop.Raw;

/// <summary>The last ICMP error. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_ICMP_ERROR
{
    public byte Type;
    public byte Code;
    public ushort Checksum;

    /// <summary>Reserved, MTU, pointer, or identifier and sequence, by Type.</summary>
    public uint u;
    public fixed byte Data[494];
}
