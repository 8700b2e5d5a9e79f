using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A cached DHCP packet; its true length is not told. UEFI 2.10, 24.3.1.</summary>
[StructLayout(LayoutKind.Explicit, Size = 1472)]
public unsafe struct EFI_PXE_BASE_CODE_PACKET
{
    public const int Size = 1472;

    [FieldOffset(0)]
    public fixed byte Raw[Size];

    [FieldOffset(0)]
    public EFI_PXE_BASE_CODE_DHCPV4_PACKET Dhcpv4;

    [FieldOffset(0)]
    public EFI_PXE_BASE_CODE_DHCPV6_PACKET Dhcpv6;
}
