using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A cached DHCP packet; its true length is not told. UEFI 2.10, 24.3.1.</summary>
[StructLayout(LayoutKind.Explicit, Size = 1472)]
public unsafe struct EFI_PXE_BASE_CODE_PACKET
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 1472;

    /// <summary>The packet's bytes.</summary>
    [FieldOffset(0)]
    public fixed byte Raw[Size];

    /// <summary>The packet, when UsingIpv6 is false.</summary>
    [FieldOffset(0)]
    public EFI_PXE_BASE_CODE_DHCPV4_PACKET Dhcpv4;

    /// <summary>The packet, when UsingIpv6 is true.</summary>
    [FieldOffset(0)]
    public EFI_PXE_BASE_CODE_DHCPV6_PACKET Dhcpv6;
}
