using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A VLAN on the network interface before it. UEFI 2.10, 10.3.4.13.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VLAN_DEVICE_PATH
{
    public const byte MSG_VLAN_DP = 0x14;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public ushort VlanId;
}
