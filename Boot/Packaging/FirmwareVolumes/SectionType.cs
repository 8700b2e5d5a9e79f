namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>What a section of a file is: PI 1.8 volume 3, 2.1.5.</summary>
public enum SectionType : byte
{
    GuidDefined = 0x02,
    Pe32 = 0x10,
    Version = 0x14,
    UserInterface = 0x15,
    VolumeImage = 0x17,
    Raw = 0x19,
}
