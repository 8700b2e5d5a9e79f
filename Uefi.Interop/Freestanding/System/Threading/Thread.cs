using NetBoot.Uefi.Interop;

namespace System.Threading;

/// <summary>There is one, that of the program: it can wait.</summary>
public static class Thread
{
    private const long LongestStall = 1_000_000; // Microseconds: a second at a time.

    public static void Sleep(int millisecondsTimeout)
    {
        if (millisecondsTimeout < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(millisecondsTimeout), "a time to sleep is not negative, and for ever is no time");
        }

        for (long left = millisecondsTimeout * 1000L; left > 0; left -= LongestStall)
        {
            Firmware.Stall((uint)Math.Min(left, LongestStall));
        }
    }

    public static void Sleep(TimeSpan timeout) => Sleep(checked((int)(timeout.Ticks / TimeSpan.TicksPerMillisecond)));
}
