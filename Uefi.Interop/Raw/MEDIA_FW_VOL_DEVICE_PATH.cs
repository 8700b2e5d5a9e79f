using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A firmware volume. UEFI 2.10, 10.3.5.7, and PI 1.7 volume 3, 8.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct MEDIA_FW_VOL_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_PIWG_FW_VOL_DP = 0x07;

    /// <summary>Type, SubType and a length of 20 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The volume's name, of its extended header.</summary>
    public EFI_GUID FvName;
}
