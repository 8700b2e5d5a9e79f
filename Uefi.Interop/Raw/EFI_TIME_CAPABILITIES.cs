namespace NetBoot.Uefi.Interop.Raw;

/// <summary>What the real-time clock can do. UEFI 2.10, 8.3.1 (GetTime).</summary>
public struct EFI_TIME_CAPABILITIES
{
    /// <summary>Counts per second.</summary>
    public uint Resolution;

    /// <summary>In 1e-6 parts per million.</summary>
    public uint Accuracy;

    /// <summary>BOOLEAN: SetTime clears what is below the resolution.</summary>
    public byte SetsToZero;
}
