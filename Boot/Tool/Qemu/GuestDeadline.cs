using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// A limit on a wait for a guest, in the guest's own time: the time on the wall, less that in which its threads, or those that serve it, could
/// have run and had no processor. On an idle machine both are the same; on a busy one a guest is given as much longer as it is slower.
/// </summary>
/// <remarks>
/// What threads wait beside each other counts more than once. So the guest's time is at least what its busiest thread has run, and at least a
/// <see cref="Slowest"/>th of the time on the wall, that a dead guest is noticed on a busy machine too. Time in which this process itself did
/// not come to look (stopped, or the whole machine was) does not count at all.
/// </remarks>
public sealed class GuestDeadline : IDisposable
{
    /// <summary>How many times slower than on an idle machine a guest may be at the most.</summary>
    public const int Slowest = 20;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(3);

    private readonly GuestProgress progress;
    private readonly TimeSpan limit;
    private readonly TimeSpan start;
    private readonly Dictionary<int, ThreadTimes> before = [];
    private readonly Dictionary<int, ThreadTimes> latest = [];
    private readonly CancellationTokenSource disposed = new();
    private TimeSpan looked;
    private TimeSpan watched;

    /// <param name="progress">The guest's.</param>
    /// <param name="limit">From now on, in the guest's time; may be infinite.</param>
    public GuestDeadline(GuestProgress progress, TimeSpan limit)
    {
        this.progress = progress;
        this.limit = limit;
        start = looked = progress.Now;
        foreach (ThreadTimes each in progress.Read())
        {
            before[each.Id] = each;
        }

        Passed = PassAsync();
    }

    /// <summary>A limit on a wait for what a process does.</summary>
    public static GuestDeadline Of(Process process, TimeSpan limit) => new(new ProcessProgress(process.Id), limit);

    /// <summary>Ends when the limit has passed; cancelled when the deadline is disposed of.</summary>
    public Task Passed { get; }

    /// <summary>The guest's time since the start.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            TimeSpan running = TimeSpan.Zero;
            TimeSpan waiting = TimeSpan.Zero;
            lock (latest)
            {
                TimeSpan now = progress.Now;
                watched += Smaller(now - looked, s_longest);
                looked = now;
                foreach (ThreadTimes each in progress.Read())
                {
                    latest[each.Id] = each;
                }

                // A thread that is gone counts with what was last seen of it.
                foreach (ThreadTimes each in latest.Values)
                {
                    ThreadTimes old = before.GetValueOrDefault(each.Id);
                    waiting += each.Waiting - old.Waiting;
                    running = each.IsGuest ? Larger(running, each.Running - old.Running) : running;
                }

                return Larger(Larger(running, watched - waiting), watched / Slowest);
            }
        }
    }

    /// <summary>Both times since the start, for an error report.</summary>
    public override string ToString()
    {
        TimeSpan wall = progress.Now - start;
        TimeSpan own = Elapsed;
        return wall - own < TimeSpan.FromSeconds(1) ? $"{own.TotalSeconds:0} s" : $"{own.TotalSeconds:0} s of its own time ({wall.TotalSeconds:0} s on the wall)";
    }

    /// <summary>Waits for something of the guest's.</summary>
    /// <returns>Whether it came before the limit passed.</returns>
    public async Task<bool> WaitAsync(Task awaited)
    {
        await Task.WhenAny(awaited, Passed).ConfigureAwait(false);
        return awaited.IsCompleted;
    }

    /// <summary>Waits for something of the guest's.</summary>
    /// <param name="awaited">What to wait for.</param>
    /// <param name="name">What was not there in time, for the error's text.</param>
    /// <exception cref="ToolError">The limit has passed first.</exception>
    public async Task<T> WaitAsync<T>(Task<T> awaited, string name) =>
        await WaitAsync(awaited).ConfigureAwait(false) ? await awaited.ConfigureAwait(false) : throw new ToolError($"{name}: nothing in {this}.");

    public void Dispose() => disposed.Cancel();

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Larger(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task PassAsync()
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            await progress.WaitAsync(limit, disposed.Token).ConfigureAwait(false);
        }

        for (TimeSpan left = limit; left > TimeSpan.Zero; left = limit - Elapsed)
        {
            await progress.WaitAsync(Larger(Smaller(left, s_look), s_shortest), disposed.Token).ConfigureAwait(false);
        }
    }
}
