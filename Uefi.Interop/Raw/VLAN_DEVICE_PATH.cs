using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A VLAN on the network interface before it. UEFI 2.10, 10.3.4.13.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VLAN_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_VLAN_DP = 0x14;

    /// <summary>Type, SubType and a length of 6 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0 - 4094.</summary>
    public ushort VlanId;
}
