using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A file; its CHAR16 path follows, ended by a zero. UEFI 2.10, 10.3.5.4.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct FILEPATH_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_FILEPATH_DP = 0x04;

    /// <summary>Type, SubType and a length of 4 bytes and the path with its zero.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;
}
