using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The limit on waits for guests, with threads whose times are made up.</summary>
public sealed class GuestDeadlineTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Guest_ThatHasAProcessorToItself_IsGivenTheLimit()
    {
        Assert.Equal(60, SecondsOnTheWall(new MadeUp { Threads = { (1, 0), (0.1, 0) } }));
    }

    [Fact]
    public void Guest_ThatSleeps_IsGivenTheLimit()
    {
        Assert.Equal(60, SecondsOnTheWall(new MadeUp { Threads = { (0, 0) } }));
    }

    [Fact]
    public void Guest_ThatWaitsForAProcessor_IsGivenThatTimeToo()
    {
        Assert.Equal(300, SecondsOnTheWall(new MadeUp { Threads = { (0.2, 0.8) } }), 0.1);
        Assert.Equal(120, SecondsOnTheWall(new MadeUp { Threads = { (0.1, 0.3) }, Servers = { (0, 0.2) } }), 0.1); // one after the other
    }

    [Fact]
    public void Guest_ThatHasRunForTheLimit_IsGivenNoMore()
    {
        Assert.Equal(75, SecondsOnTheWall(new MadeUp { Threads = { (0.8, 0.2), (0.5, 0.5), (0.5, 0.5) } }), 0.1);
        Assert.Equal(1200, SecondsOnTheWall(new MadeUp { Threads = { (0, 1) }, Servers = { (1, 0) } }), 0.1); // who serves it may run
    }

    [Fact]
    public void Guest_ThatDoesNothingOnABusyMachine_IsGivenATwentiethAtLeast()
    {
        Assert.Equal(60 * GuestDeadline.Slowest, SecondsOnTheWall(new MadeUp { Threads = { (0, 0.99), (0, 0.99) } }), 0.1);
    }

    [Fact]
    public void ThreadsThatComeAndGo_CountWithWhatWasSeenOfThem()
    {
        MadeUp guest = new() { Threads = { (0.5, 0) } };
        using GuestDeadline deadline = new(guest, Timeout.InfiniteTimeSpan);
        guest.Threads.Add((0, 0.5));
        Assert.Equal(20, ElapsedAfter(40), 0.1);
        guest.Threads.RemoveAt(1);
        Assert.Equal(60, ElapsedAfter(40), 0.1);

        double ElapsedAfter(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                guest.Pass(TimeSpan.FromSeconds(1));
                _ = deadline.Elapsed;
            }

            return deadline.Elapsed.TotalSeconds;
        }
    }

    [Fact]
    public void TimeInWhichNobodyLooked_DoesNotCount()
    {
        Assert.InRange(SecondsOnTheWall(new MadeUp { Threads = { (0, 0) }, Stop = TimeSpan.FromHours(1) }), 3600 + 55, 3600 + 60);
    }

    [Fact]
    public async Task Wait_TellsWhetherItCameInTime_AndTheErrorTellsBothTimes()
    {
        using GuestDeadline deadline = new(new MadeUp { Threads = { (0.2, 0.8) } }, s_minute);
        Assert.True(await deadline.WaitAsync(Task.CompletedTask));
        Assert.False(await deadline.WaitAsync(new TaskCompletionSource().Task));
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => deadline.WaitAsync(new TaskCompletionSource<int>().Task, "A word"));
        Assert.Equal("A word: nothing in 60 s of its own time (300 s on the wall).", error.Message);
    }

    [Fact]
    public async Task Deadline_OfARealProcess_CountsAndPasses()
    {
        using Process busy = ChildProcess.Start("sh", ["-c", "while :; do :; done"], "dash");
        using GuestDeadline deadline = GuestDeadline.Of(busy, TimeSpan.FromMilliseconds(200));
        Assert.False(await deadline.WaitAsync(busy.WaitForExitAsync()));
        Assert.InRange(deadline.Elapsed, TimeSpan.FromMilliseconds(200), s_minute);
        busy.Kill();
        await deadline.WaitAsync(busy.WaitForExitAsync());
    }

    private static double SecondsOnTheWall(MadeUp guest)
    {
        using GuestDeadline deadline = new(guest, s_minute);
        Assert.True(deadline.Passed.IsCompletedSuccessfully); // made-up time needs none
        return guest.Now.TotalSeconds;
    }

    /// <summary>Threads with the parts of a second on the wall in which each runs, and in which it waits for a processor.</summary>
    private sealed class MadeUp : GuestProgress
    {
        private readonly Dictionary<int, (double Running, double Waiting)> _times = [];
        private TimeSpan _now;

        public List<(double Running, double Waiting)> Threads { get; } = [];

        public List<(double Running, double Waiting)> Servers { get; } = [];

        /// <summary>For how long everything stands still, once.</summary>
        public TimeSpan Stop { get; set; }

        public override TimeSpan Now => _now;

        public override IReadOnlyList<ThreadTimes> Read()
        {
            List<ThreadTimes> read = [];
            for (int i = 0; i < Threads.Count + Servers.Count; i++)
            {
                (double running, double waiting) = _times.GetValueOrDefault(i);
                read.Add(new(i, i < Threads.Count, TimeSpan.FromSeconds(running), TimeSpan.FromSeconds(waiting)));
            }

            return read;
        }

        public override Task WaitAsync(TimeSpan time, CancellationToken cancellation)
        {
            if (time == Timeout.InfiniteTimeSpan)
            {
                return Task.Delay(time, cancellation);
            }

            Pass(time);
            _now += Stop;
            Stop = TimeSpan.Zero;
            return Task.CompletedTask;
        }

        public void Pass(TimeSpan time)
        {
            _now += time;
            List<(double Running, double Waiting)> all = [.. Threads, .. Servers];
            for (int i = 0; i < all.Count; i++)
            {
                (double running, double waiting) = _times.GetValueOrDefault(i);
                _times[i] = (running + (all[i].Running * time.TotalSeconds), waiting + (all[i].Waiting * time.TotalSeconds));
            }
        }
    }
}
