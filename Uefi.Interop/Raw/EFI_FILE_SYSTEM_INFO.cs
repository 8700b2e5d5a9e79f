namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What GetInfo() tells about a volume (UEFI 2.10, 13.5.16).</summary>
public struct EFI_FILE_SYSTEM_INFO
{
    /// <summary>Offset of VolumeLabel, and so the size of the rest (C#'s sizeof is larger).</summary>
    public const int SIZE_OF_EFI_FILE_SYSTEM_INFO = 36;

    /// <summary>Names this structure to GetInfo().</summary>
    public static EFI_GUID EFI_FILE_SYSTEM_INFO_ID => new(0x09576E93, 0x6D3F, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>Names EFI_FILE_SYSTEM_VOLUME_LABEL to GetInfo(): the label alone, with its zero.</summary>
    public static EFI_GUID EFI_FILE_SYSTEM_VOLUME_LABEL_ID => new(0xDB47D7D3, 0xFE81, 0x11D3, 0x9A, 0x35, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);

    /// <summary>Bytes of the whole structure, with the label and its zero.</summary>
    public ulong Size;

    /// <summary>1 when the volume cannot be written to.</summary>
    public byte ReadOnly;

    /// <summary>Bytes that the file system manages.</summary>
    public ulong VolumeSize;

    /// <summary>Bytes that are free.</summary>
    public ulong FreeSpace;

    /// <summary>By how many bytes files usually grow.</summary>
    public uint BlockSize;

    /// <summary>The first character of the zero-terminated label.</summary>
    public char VolumeLabel;
}
