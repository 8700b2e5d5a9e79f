using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A network interface; IfType 1 is Ethernet. UEFI 2.10, 10.3.4.10.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MAC_ADDR_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_MAC_ADDR_DP = 0x0B;

    /// <summary>Type, SubType and a length of 37 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The interface's hardware address, with zeros behind it.</summary>
    public EFI_MAC_ADDRESS MacAddress;

    /// <summary>The hardware type, as <see cref="EFI_SIMPLE_NETWORK_MODE.IfType"/>.</summary>
    public byte IfType;
}
