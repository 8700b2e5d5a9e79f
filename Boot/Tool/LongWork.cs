using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Spectre.Console;

namespace NetBoot.Boot.Tool;

/// <summary>What takes long and says so: a bar with the time left on a terminal, and in a file a plain line now and then.</summary>
public sealed class LongWork
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ProgressTask? _bar;
    private readonly double _total;
    private TimeSpan _told;
    private double _done;

    private LongWork(double total, ProgressTask? bar)
    {
        _total = total;
        _bar = bar;
    }

    /// <param name="name">What is being done.</param>
    /// <param name="total">How much there is of it, in whatever <see cref="Advance"/> counts.</param>
    /// <param name="work">Does it.</param>
    public static async Task RunAsync(string name, double total, Func<LongWork, Task> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            await work(new LongWork(total, null));
            return;
        }

        await AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(),
                new SpinnerColumn())
            .StartAsync(context => work(new LongWork(total, context.AddTask(Markup.Escape(name), maxValue: total))));
    }

    /// <summary>Says what is done now, or has just been done.</summary>
    /// <param name="what">For a person.</param>
    /// <param name="amount">How much is done with that.</param>
    public void Advance(string what, double amount = 1)
    {
        _done += amount;
        if (_bar != null)
        {
            _bar.Description = Markup.Escape(what);
            _bar.Increment(amount);
        }
        else if (_clock.Elapsed - _told >= s_silence)
        {
            _told = _clock.Elapsed;
            double left = _told.TotalSeconds * Math.Max(0, _total - _done) / Math.Max(_done, 1e-9);
            AnsiConsole.MarkupLineInterpolated($"{100 * Math.Min(1, _done / _total):0} %, some {left:0} s left: {what}");
        }
    }
}
