using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A resource; its URI follows without a terminator, and may be empty. UEFI 2.10, 10.3.4.23.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct URI_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_URI_DP = 0x18;

    /// <summary>Type, SubType and a length of 4 bytes and the URI.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;
}
