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

    private readonly GuestProgress _progress;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _start;
    private readonly Dictionary<int, ThreadTimes> _before = [];
    private readonly Dictionary<int, ThreadTimes> _latest = [];
    private readonly CancellationTokenSource _disposed = new();
    private TimeSpan _looked;
    private TimeSpan _watched;

    /// <param name="progress">The guest's.</param>
    /// <param name="limit">From now on, in the guest's time; may be infinite.</param>
    public GuestDeadline(GuestProgress progress, TimeSpan limit)
    {
        _progress = progress;
        _limit = limit;
        _start = _looked = progress.Now;
        foreach (ThreadTimes each in progress.Read())
        {
            _before[each.Id] = each;
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
            lock (_latest)
            {
                TimeSpan now = _progress.Now;
                _watched += Smaller(now - _looked, s_longest);
                _looked = now;
                foreach (ThreadTimes each in _progress.Read())
                {
                    _latest[each.Id] = each;
                }

                // A thread that is gone counts with what was last seen of it.
                foreach (ThreadTimes each in _latest.Values)
                {
                    ThreadTimes old = _before.GetValueOrDefault(each.Id);
                    waiting += each.Waiting - old.Waiting;
                    running = each.IsGuest ? Larger(running, each.Running - old.Running) : running;
                }

                return Larger(Larger(running, _watched - waiting), _watched / Slowest);
            }
        }
    }

    /// <summary>Both times since the start, for an error report.</summary>
    public override string ToString()
    {
        TimeSpan wall = _progress.Now - _start;
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

    public void Dispose() => _disposed.Cancel();

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Larger(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private async Task PassAsync()
    {
        if (_limit == Timeout.InfiniteTimeSpan)
        {
            await _progress.WaitAsync(_limit, _disposed.Token).ConfigureAwait(false);
        }

        for (TimeSpan left = _limit; left > TimeSpan.Zero; left = _limit - Elapsed)
        {
            await _progress.WaitAsync(Larger(Smaller(left, s_look), s_shortest), _disposed.Token).ConfigureAwait(false);
        }
    }
}
