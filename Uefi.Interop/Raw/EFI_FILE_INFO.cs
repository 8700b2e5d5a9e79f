namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What is known of a file; the name follows. UEFI 2.10, 13.5.16.</summary>
public struct EFI_FILE_INFO
{
    /// <summary>Offset of FileName, and so the size of the rest (C#'s sizeof may be larger).</summary>
    public const int SIZE_OF_EFI_FILE_INFO = 80;

    /// <summary>EFI_FILE_INFO_ID</summary>
    public static EFI_GUID EFI_FILE_INFO_ID => new(0x09576E92, 0x6D3F, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>Of this structure with its name, in bytes.</summary>
    public ulong Size;

    /// <summary>Length of the file in bytes.</summary>
    public ulong FileSize;

    /// <summary>What the file takes on the volume, in bytes.</summary>
    public ulong PhysicalSize;

    /// <summary>When the file was made; zeros when the file system does not keep it.</summary>
    public EFI_TIME CreateTime;

    /// <summary>When the file was last read; zeros when the file system does not keep it.</summary>
    public EFI_TIME LastAccessTime;

    /// <summary>When the file was last written.</summary>
    public EFI_TIME ModificationTime;

    /// <summary>EFI_FILE_* attributes, of <see cref="EFI_FILE_PROTOCOL"/>.</summary>
    public ulong Attribute;

    /// <summary>The first character of the name, which a zero ends.</summary>
    public char FileName;
}
