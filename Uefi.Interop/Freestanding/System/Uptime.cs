using NetBoot.Uefi.Interop;

namespace System;

/// <summary>The processor's counter as a clock, measured at first use.</summary>
internal static class Uptime
{
    private static readonly Clock s_clock = Clock.Calibrate();

    internal static ulong Microseconds => s_clock.Now;
}
