namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>What a file in a firmware volume is: PI 1.8 volume 3, 2.1.4.</summary>
public enum FileType : byte
{
    Raw = 0x01,
    Freeform = 0x02,
    SecurityCore = 0x03,
    PeiCore = 0x04,
    DxeCore = 0x05,
    Peim = 0x06,
    Driver = 0x07,
    Application = 0x09,
    VolumeImage = 0x0B,
    Pad = 0xF0,
}
