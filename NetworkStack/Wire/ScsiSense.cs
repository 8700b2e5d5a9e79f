using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Sense data, of fixed or descriptor format (SPC-4, 4.5), as much as there is of it: what is not there is zero.</summary>
internal readonly struct ScsiSense
{
    public const byte RecoveredError = 1;
    public const byte NotReady = 2;
    public const byte IllegalRequest = 5;
    public const byte UnitAttention = 6;
    public const byte DataProtect = 7;
    public const byte AbortedCommand = 11;

    /// <summary>Reads any bytes.</summary>
    public ScsiSense(ReadOnlySpan<byte> sense)
    {
        int format = sense.IsEmpty ? 0 : sense[0] & 0x7F;
        bool isDescriptor = format is 0x72 or 0x73;
        if (!isDescriptor && format is not (0x70 or 0x71))
        {
            return;
        }

        IsPresent = true;
        IsDeferred = format is 0x71 or 0x73;
        Key = (byte)(At(sense, isDescriptor ? 1 : 2) & 15);
        Code = (ushort)((At(sense, isDescriptor ? 2 : 12) << 8) | At(sense, isDescriptor ? 3 : 13));
    }

    /// <summary>There was sense data of a format that is known.</summary>
    public bool IsPresent { get; }

    /// <summary>It is about a command before this one.</summary>
    public bool IsDeferred { get; }

    public byte Key { get; }

    /// <summary>Additional sense code, and its qualifier below.</summary>
    public ushort Code { get; }

    /// <summary>The key's name.</summary>
    public string KeyName => !IsPresent ? "no sense data" : Key switch
    {
        0 => "no sense",
        RecoveredError => "recovered error",
        NotReady => "not ready",
        3 => "medium error",
        4 => "hardware error",
        IllegalRequest => "illegal request",
        UnitAttention => "unit attention",
        DataProtect => "data protect",
        8 => "blank check",
        9 => "vendor specific",
        10 => "copy aborted",
        AbortedCommand => "aborted command",
        13 => "volume overflow",
        14 => "miscompare",
        15 => "completed",
        _ => "reserved key",
    };

    /// <summary>What the code means (SPC-4, annex E), where it is one that a reader of disks meets; else empty.</summary>
    public string CodeName => Code switch
    {
        0x0400 => "cause not reportable",
        0x0401 => "becoming ready",
        0x0402 => "initializing command required",
        0x0403 => "manual intervention required",
        0x040B => "target port in standby state",
        0x040C => "target port in unavailable state",
        0x0C00 => "write error",
        0x1100 => "unrecovered read error",
        0x2000 => "invalid command operation code",
        0x2100 => "logical block address out of range",
        0x2400 => "invalid field in CDB",
        0x2500 => "logical unit not supported",
        0x2700 => "write protected",
        0x2707 => "space allocation failed",
        0x2800 => "medium may have changed",
        0x2900 => "power on or reset occurred",
        0x2A09 => "capacity data has changed",
        0x3A00 => "medium not present",
        0x3F0E => "reported LUNs data has changed",
        0x4400 => "internal target failure",
        0x4701 => "data phase CRC error",
        0x4B00 => "data phase error",
        _ => "",
    };

    private static int At(ReadOnlySpan<byte> sense, int offset) => offset < sense.Length ? sense[offset] : 0;
}
