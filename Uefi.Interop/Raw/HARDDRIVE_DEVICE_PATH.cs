using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A partition, in blocks. UEFI 2.10, 10.3.5.1.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public unsafe struct HARDDRIVE_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MEDIA_DEVICE_PATH.</summary>
    public const byte MEDIA_HARDDRIVE_DP = 0x01;

    /// <summary>Type, SubType and a length of 42 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The entry in the partition table, from 1; 0 for the whole disk.</summary>
    public uint PartitionNumber;

    /// <summary>The first block.</summary>
    public ulong PartitionStart;

    /// <summary>How many blocks.</summary>
    public ulong PartitionSize;

    /// <summary>What SignatureType says: a GUID, or an MBR's 4 bytes with zeros behind them.</summary>
    public fixed byte Signature[16];

    /// <summary>The kind of partition table: 1 MBR, 2 GPT.</summary>
    public byte MBRType;

    /// <summary>0 no signature, 1 the MBR's 32-bit one, 2 the partition's GUID.</summary>
    public byte SignatureType;
}
