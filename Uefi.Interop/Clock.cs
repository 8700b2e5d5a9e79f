using System;

namespace NetBoot.Uefi.Interop;

/// <summary>Time by the processor's counter, which goes on at every TPL and is read without the firmware.</summary>
public readonly struct Clock
{
    private const uint MeasuredTime = 1_000; // Microseconds.

    private readonly ulong _ticksPerMillisecond;

    private Clock(ulong ticksPerMillisecond) => _ticksPerMillisecond = ticksPerMillisecond;

    /// <summary>Microseconds since the counter began. Of a clock from <see cref="Calibrate"/>.</summary>
    public ulong Now
    {
        get
        {
            ulong ticks = Machine.ReadCounter();
            return ticks / _ticksPerMillisecond * 1000 + ticks % _ticksPerMillisecond * 1000 / _ticksPerMillisecond;
        }
    }

    /// <summary>Makes one. Where the processor does not say how fast its counter is (x64), that is measured, in two milliseconds or some more.</summary>
    public static Clock Calibrate()
    {
        ulong least = Machine.CounterFrequency() / 1000;
        if (least == 0)
        {
            ulong next = ulong.MaxValue;
            do
            {
                // Again until it is no shorter: whoever takes the processor away meanwhile, as hypervisors do, makes it longer.
                least = next;
                ulong start = Machine.ReadCounter();
                Firmware.Stall(MeasuredTime);
                next = Machine.ReadCounter() - start;
            }
            while (next < least);
        }

        return new Clock(Math.Max(least, 1));
    }
}
