using System;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>Versions of VMBus: the major one in the high 16 bits.</summary>
internal static class VmbusVersion
{
    /// <summary>Windows Server 2008: one port for all signals, with a page that says whose they are.</summary>
    public const uint Version0_13 = 0x0000_000D;
    public const uint Version1_1 = 0x0001_0001;
    public const uint Version2_4 = 0x0002_0004;

    /// <summary>Windows 8.1: the first in which disconnecting is more than a word.</summary>
    public const uint Version3_0 = 0x0003_0000;

    /// <summary>All that are spoken here, the oldest first.</summary>
    public static ReadOnlySpan<uint> Known => [Version0_13, Version1_1, Version2_4, Version3_0];
}
