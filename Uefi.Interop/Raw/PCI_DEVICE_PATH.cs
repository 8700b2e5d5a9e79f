using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A PCI function on the bus of its parent. UEFI 2.10, 10.3.2.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct PCI_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is HARDWARE_DEVICE_PATH.</summary>
    public const byte HW_PCI_DP = 0x01;

    /// <summary>Type, SubType and a length of 6 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0 - 7.</summary>
    public byte Function;

    /// <summary>0 - 31.</summary>
    public byte Device;
}
