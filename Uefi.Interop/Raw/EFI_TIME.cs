namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A date and time of day. UEFI 2.10, 8.3.1 (GetTime).</summary>
public struct EFI_TIME
{
    /// <summary>The value of TimeZone that means local time.</summary>
    public const short EFI_UNSPECIFIED_TIMEZONE = 0x07FF;

    /// <summary>In Daylight: the clock follows daylight saving time.</summary>
    public const byte EFI_TIME_ADJUST_DAYLIGHT = 0x01;

    /// <summary>In Daylight: it is daylight saving time now.</summary>
    public const byte EFI_TIME_IN_DAYLIGHT = 0x02;

    /// <summary>1900 - 9999</summary>
    public ushort Year;

    /// <summary>1 - 12</summary>
    public byte Month;

    /// <summary>1 - 31</summary>
    public byte Day;

    /// <summary>0 - 23</summary>
    public byte Hour;

    /// <summary>0 - 59</summary>
    public byte Minute;

    /// <summary>0 - 59</summary>
    public byte Second;

    /// <summary>0.</summary>
    public byte Pad1;

    /// <summary>0 - 999,999,999</summary>
    public uint Nanosecond;

    /// <summary>Minutes from UTC, -1440 - 1440, or <see cref="EFI_UNSPECIFIED_TIMEZONE"/>; local time = UTC - TimeZone.</summary>
    public short TimeZone;

    /// <summary>EFI_TIME_ADJUST_DAYLIGHT and EFI_TIME_IN_DAYLIGHT; 0 for neither.</summary>
    public byte Daylight;

    /// <summary>0.</summary>
    public byte Pad2;
}
