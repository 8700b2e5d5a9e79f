namespace Uefi.Interop.Raw;

/// <summary>Reads the files of a firmware volume and their sections. PI 1.8 volume 3, 3.4.1.</summary>
public unsafe struct EFI_FIRMWARE_VOLUME2_PROTOCOL : IProtocol
{
    public const byte EFI_SECTION_USER_INTERFACE = 0x15;
    public const byte EFI_SECTION_RAW = 0x19;

    /// <summary>EFI_FIRMWARE_VOLUME2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x220E73B6, 0x6BDB, 0x4413, 0x84, 0x05, 0xB9, 0x74, 0xB1, 0x08, 0x61, 0x9A);

    /// <summary>(This, FvAttributes)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, ulong*, EFI_STATUS> GetVolumeAttributes;

    /// <summary>(This, FvAttributes)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, ulong*, EFI_STATUS> SetVolumeAttributes;

    /// <summary>(This, NameGuid, Buffer, BufferSize, FoundType, FileAttributes, AuthenticationStatus)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, void**, nuint*, byte*, uint*, uint*, EFI_STATUS> ReadFile;

    /// <summary>(This, NameGuid, SectionType, SectionInstance, Buffer: null to have it allocated, BufferSize, AuthenticationStatus)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, byte, nuint, void**, nuint*, uint*, EFI_STATUS> ReadSection;

    /// <summary>(This, NumberOfFiles, WritePolicy, FileData)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, uint, int, void*, EFI_STATUS> WriteFile;

    /// <summary>(This, Key, FileType, NameGuid, Attributes, Size)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, void*, byte*, EFI_GUID*, uint*, nuint*, EFI_STATUS> GetNextFile;

    public uint KeySize;
    public EFI_HANDLE ParentHandle;

    /// <summary>(This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, nuint*, void*, EFI_STATUS> GetInfo;

    /// <summary>(This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FIRMWARE_VOLUME2_PROTOCOL*, EFI_GUID*, nuint, void*, EFI_STATUS> SetInfo;
}
