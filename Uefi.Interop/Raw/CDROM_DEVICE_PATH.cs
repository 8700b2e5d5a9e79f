using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An El Torito boot entry, in blocks. UEFI 2.10, 10.3.5.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct CDROM_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_CDROM_DP = 0x02;

    /// <summary>Type, SubType and a length of 24 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The entry in the boot catalog; 0 is the initial one.</summary>
    public uint BootEntry;

    /// <summary>The first block of the boot image.</summary>
    public ulong PartitionStart;

    /// <summary>Length of the boot image in blocks.</summary>
    public ulong PartitionSize;
}
