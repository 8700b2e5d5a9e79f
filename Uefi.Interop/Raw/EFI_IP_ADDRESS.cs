using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An IPv4 or IPv6 address: 16 bytes, aligned to 4. UEFI 2.10, 2.3.1.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public unsafe struct EFI_IP_ADDRESS
{
    /// <summary>As four words, for the alignment.</summary>
    [FieldOffset(0)]
    public fixed uint Addr[4];

    /// <summary>The address, if it is IPv4; the other 12 bytes mean nothing.</summary>
    [FieldOffset(0)]
    public EFI_IPv4_ADDRESS v4;

    /// <summary>The address, if it is IPv6.</summary>
    [FieldOffset(0)]
    public EFI_IPv6_ADDRESS v6;
}
