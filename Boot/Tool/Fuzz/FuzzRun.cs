using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>One target that is fuzzed for a time: what is said of it meanwhile, and what is found.</summary>
/// <param name="target">Its name.</param>
/// <param name="limit">How long.</param>
public abstract class FuzzRun(string target, TimeSpan limit)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _reported;

    protected string Target { get; } = target;

    protected double Seconds { get; } = limit.TotalSeconds;

    protected string Folder { get; } = FuzzProgram.FolderOf(target);

    protected string Findings => Directory.CreateDirectory(Path.Combine(Folder, "findings")).FullName;

    protected int FindingCount { get; private set; }

    protected long Executions { get; set; }

    /// <summary>Pairs of branches, one taken after the other, that were seen.</summary>
    protected string Pairs { get; set; } = "0";

    /// <summary>Inputs that brought something new.</summary>
    protected string Kept { get; set; } = "0";

    /// <summary>How many findings there were.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(FuzzProgram.CorpusOf(Target)))
        {
            await FuzzProgram.MinimizeAsync(Target);
        }

        using Process process = Start();
        using CancellationTokenRegistration end = cancellation.Register(process.Kill);
        await FollowAsync(process);
        Report();
        if (!cancellation.IsCancellationRequested)
        {
            await ReportCoverageAsync(Target);
        }

        return FindingCount;
    }

    /// <summary>Says how much of the product the target's inputs reach: its corpus, and what all runs have kept.</summary>
    public static async Task ReportCoverageAsync(string target)
    {
        FuzzCoverage coverage = await FuzzProgram.MeasureAsync(target);
        AnsiConsole.MarkupLineInterpolated(
            $"{target}: {coverage.Taken} of {coverage.All} branches of the {coverage.Classes} classes that it reaches ({Path.GetRelativePath(Repository.Root, coverage.File)})");
    }

    protected abstract Process Start();

    /// <summary>Until the process has ended.</summary>
    protected abstract Task FollowAsync(Process process);

    /// <summary>Says how far it is, now and then.</summary>
    protected void ReportSometimes()
    {
        if (_clock.Elapsed - _reported > TimeSpan.FromSeconds(10))
        {
            _reported = _clock.Elapsed;
            Report();
        }
    }

    protected void Show(string file, string what)
    {
        FindingCount++;
        AnsiConsole.MarkupLineInterpolated($"[red]{Target}: {what}[/]");
        AnsiConsole.MarkupLineInterpolated($"  ./netboot fuzz {Target} --replay {Path.GetRelativePath(Repository.Root, file)}");
    }

    private void Report()
    {
        double seconds = Math.Max(_clock.Elapsed.TotalSeconds, 0.001);
        AnsiConsole.MarkupLineInterpolated(
            $"{Target}: {(int)seconds} s, {Executions} executions, {Executions / seconds:0} a second, {Pairs} branch pairs, {Kept} inputs kept, {FindingCount} findings");
    }
}
