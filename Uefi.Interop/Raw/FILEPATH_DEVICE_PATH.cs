using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A file; its CHAR16 path follows, ended by a zero. UEFI 2.10, 10.3.5.4.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct FILEPATH_DEVICE_PATH
{
    public const byte MEDIA_FILEPATH_DP = 0x04;

    public EFI_DEVICE_PATH_PROTOCOL Header;
}
