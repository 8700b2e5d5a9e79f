namespace NetBoot.Tests.Models.HyperV;

/// <summary>Versions of the VMBus protocol: major in the upper half.</summary>
public static class VmbusVersion
{
    public const uint V1 = 0x0000_000D;
    public const uint Win7 = 0x0001_0001;
    public const uint Win8 = 0x0002_0004;
    public const uint Win8_1 = 0x0003_0000;
    public const uint Win10 = 0x0004_0000;
    public const uint Win10Rs3 = 0x0004_0001;
    public const uint Win10Rs3Sint = 0x0005_0000;
    public const uint Win10Rs4 = 0x0005_0001;
    public const uint Win10Rs5 = 0x0005_0002;
    public const uint Iron = 0x0005_0003;
    public const uint Copper = 0x0006_0000;

    /// <summary>All, the oldest first.</summary>
    public static readonly uint[] All = [V1, Win7, Win8, Win8_1, Win10, Win10Rs3, Win10Rs3Sint, Win10Rs4, Win10Rs5, Iron, Copper];
}
