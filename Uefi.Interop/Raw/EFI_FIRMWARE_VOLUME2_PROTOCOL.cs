namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Reads the files of a firmware volume and their sections. PI 1.8 volume 3, 3.4.1.</summary>
public unsafe struct EFI_FIRMWARE_VOLUME2_PROTOCOL : IProtocol
{
    /// <summary>Type of the section with the file's name for people, in CHAR16.</summary>
    public const byte EFI_SECTION_USER_INTERFACE = 0x15;

    /// <summary>Type of a section that holds whatever the file's reader knows.</summary>
    public const byte EFI_SECTION_RAW = 0x19;

    /// <summary>EFI_FIRMWARE_VOLUME2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x220E73B6, 0x6BDB, 0x4413, 0x84, 0x05, 0xB9, 0x74, 0xB1, 0x08, 0x61, 0x9A);

    /// <summary>What the volume can do and how it is set. (This, FvAttributes)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, ulong*, EFI_STATUS> GetVolumeAttributes;

    /// <summary>Sets what can be set, and answers what is set. (This, FvAttributes)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, ulong*, EFI_STATUS> SetVolumeAttributes;

    /// <summary>
    /// A whole file without its header. A null buffer asks for the size; a pointer to null has it allocated, for the caller to free. (This,
    /// NameGuid, Buffer, BufferSize, FoundType, FileAttributes, AuthenticationStatus)
    /// </summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, void**, nuint*, byte*, uint*, uint*, EFI_STATUS> ReadFile;

    /// <summary>
    /// The content of a section: the SectionInstance-th of a type in a file. (This, NameGuid, SectionType, SectionInstance, Buffer: null to
    /// have it allocated, BufferSize, AuthenticationStatus)
    /// </summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, byte, nuint, void**, nuint*, uint*, EFI_STATUS> ReadSection;

    /// <summary>Writes or deletes files. (This, NumberOfFiles, WritePolicy, FileData)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, uint, int, void*, EFI_STATUS> WriteFile;

    /// <summary>
    /// The next file of a type; 0 is any. Key is KeySize bytes of the caller's, zeros at first; EFI_NOT_FOUND at the end. (This, Key,
    /// FileType, NameGuid, Attributes, Size)
    /// </summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, void*, byte*, EFI_GUID*, uint*, nuint*, EFI_STATUS> GetNextFile;

    /// <summary>Bytes of the key of <see cref="GetNextFile"/>.</summary>
    public uint KeySize;

    /// <summary>The volume that this one is in, or null.</summary>
    public EFI_HANDLE ParentHandle;

    /// <summary>What is known of the volume by type. (This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, nuint*, void*, EFI_STATUS> GetInfo;

    /// <summary>Sets what is known of the volume by type. (This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, nuint, void*, EFI_STATUS> SetInfo;
}
