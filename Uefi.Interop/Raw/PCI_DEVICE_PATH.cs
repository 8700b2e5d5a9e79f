using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A PCI function on the bus of its parent. UEFI 2.10, 10.3.2.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct PCI_DEVICE_PATH
{
    public const byte HW_PCI_DP = 0x01;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public byte Function;
    public byte Device;
}
