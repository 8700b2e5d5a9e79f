using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>What <see cref="GuestDeadline"/> reads: clocks of this machine and of the threads on which a guest's progress depends.</summary>
public abstract class GuestProgress
{
    /// <summary>The time on the wall, since any moment.</summary>
    public abstract TimeSpan Now { get; }

    /// <summary>The times of all threads that a guest depends on, since they began.</summary>
    public abstract IReadOnlyList<ThreadTimes> Read();

    /// <summary>Waits for a time on the wall.</summary>
    public virtual Task WaitAsync(TimeSpan time, CancellationToken cancellation) => Task.Delay(time, cancellation);
}

/// <summary>The times of a thread, since it began.</summary>
/// <param name="Id">Its number.</param>
/// <param name="IsGuest">Whether it is one of the guest's own, rather than one that serves it.</param>
/// <param name="Running">The time on a processor.</param>
/// <param name="Waiting">The time that it could have run in and had no processor.</param>
public readonly record struct ThreadTimes(int Id, bool IsGuest, TimeSpan Running, TimeSpan Waiting);

/// <summary>The progress of a guest that a process runs; this process serves it (host models, GDB's breakpoints).</summary>
internal sealed class ProcessProgress(int process) : GuestProgress
{
    public override TimeSpan Now => Stopwatch.GetElapsedTime(0);

    public override IReadOnlyList<ThreadTimes> Read()
    {
        List<ThreadTimes> times = [];
        Add(times, process, true);
        Add(times, Environment.ProcessId, false);
        return times;
    }

    private static void Add(List<ThreadTimes> times, int process, bool isGuest)
    {
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
            {
                // Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a processor, nanoseconds waiting for one, slices.
                string[] fields = File.ReadAllText(thread + "/schedstat").Split(' ');
                times.Add(new(
                    int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), isGuest, Time(fields[0]), Time(fields[1])));
            }
        }
        catch (IOException)
        {
            // The thread or the process is gone, or this kernel does not count.
        }
    }

    private static TimeSpan Time(string nanoseconds) => TimeSpan.FromTicks(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
}
