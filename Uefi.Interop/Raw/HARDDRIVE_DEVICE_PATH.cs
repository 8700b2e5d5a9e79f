using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A partition, in blocks. UEFI 2.10, 10.3.5.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public unsafe struct HARDDRIVE_DEVICE_PATH
{
    public const byte MEDIA_HARDDRIVE_DP = 0x01;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint PartitionNumber;
    public ulong PartitionStart;
    public ulong PartitionSize;
    public fixed byte Signature[16];
    public byte MBRType;
    public byte SignatureType;
}
