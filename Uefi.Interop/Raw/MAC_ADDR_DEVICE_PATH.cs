using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A network interface; IfType 1 is Ethernet. UEFI 2.10, 10.3.4.10.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MAC_ADDR_DEVICE_PATH
{
    public const byte MSG_MAC_ADDR_DP = 0x0B;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public EFI_MAC_ADDRESS MacAddress;
    public byte IfType;
}
