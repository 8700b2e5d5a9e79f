using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>AFL++ with the targets' process for its fork server, as SharpFuzz makes one.</summary>
public sealed class AflRun(string target, TimeSpan limit) : FuzzRun(target, limit)
{
    // Nothing here is a fork server in AFL's own sense, nor a machine that is tuned for it.
    private static readonly string[] s_settings =
    [
        "AFL_SKIP_BIN_CHECK=1", "AFL_SKIP_CPUFREQ=1", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1", "AFL_NO_AFFINITY=1", "AFL_NO_UI=1", "AFL_AUTORESUME=1", "AFL_SKIP_CRASHES=1",
    ];

    /// <summary>
    /// Milliseconds that an input may take, far above what any needs. To be told without a plus sign, behind which AFL takes a limit of its own, of
    /// some 40 ms: what exceeds it is killed, which is the target, its own fork server, and so AFL's end.
    /// </summary>
    private const int LongestRun = 20_000;

    /// <summary>What a shell and its like answer when there is no such program.</summary>
    private const int NotFound = 127;

    private string Output => Path.Combine(OutputOf(Target), "default");

    /// <summary>The folder with the inputs that brought something new.</summary>
    public static string QueueOf(string target) => Path.Combine(OutputOf(target), "default/queue");

    /// <summary>AFL's command, to be run by <c>env</c>.</summary>
    /// <param name="target">The target's name.</param>
    /// <param name="seconds">How long.</param>
    public static string[] CommandOf(string target, double seconds) =>
    [
        .. s_settings, "afl-fuzz", "-V", Number((int)Math.Ceiling(seconds)), "-t", Number(LongestRun), "-m", "none",
        "-i", FuzzProgram.CorpusOf(target), "-o", OutputOf(target), "--", "dotnet", FuzzProgram.Instrumented, "afl", target,
    ];

    /// <summary>What to tell of an AFL that has not found anything, and has not ended well.</summary>
    /// <param name="exitCode">Of <c>env</c>.</param>
    /// <param name="output">What was printed.</param>
    public static ToolError ErrorOf(int exitCode, string output) => exitCode == NotFound
        ? new ToolError("AFL++ is not installed: there is no afl-fuzz.", "Install it: sudo apt-get install afl++; or take --engine loop, which needs nothing.")
        : new ToolError($"afl-fuzz ends with {exitCode}: {string.Join('\n', output.Trim().Split('\n').TakeLast(12))}");

    protected override Process Start() => ChildProcess.Start("env", CommandOf(Target, Seconds), "coreutils");

    protected override async Task FollowAsync(Process process)
    {
        HashSet<string> known = [.. Crashes()];
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task end = process.WaitForExitAsync();
        while (await Task.WhenAny(end, Task.Delay(TimeSpan.FromSeconds(5))) != end)
        {
            ReadProgress();
            ReportSometimes();
        }

        ReadProgress();
        foreach (string crash in Crashes().Where(each => !known.Contains(each)))
        {
            await TakeAsync(crash);
        }

        // What ends the process, or does not end, takes AFL with it, which leaves the input behind.
        string last = Path.Combine(Output, ".cur_input");
        if (process.ExitCode != 0 && (!File.Exists(last) || !await TakeAsync(last)))
        {
            throw ErrorOf(process.ExitCode, await output + await errors);
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string OutputOf(string target) => Path.Combine(FuzzProgram.FolderOf(target), "afl");

    private string[] Crashes() =>
        Directory.Exists(Path.Combine(Output, "crashes")) ? Directory.GetFiles(Path.Combine(Output, "crashes"), "id*") : [];

    /// <summary>Keeps an input that goes wrong. False when nothing does.</summary>
    private async Task<bool> TakeAsync(string input)
    {
        if (await FuzzProgram.ReplayAsync(Target, input) is not { } fault)
        {
            return false;
        }

        string file = Path.Combine(Findings, $"afl-{Path.GetFileName(input).Split(',')[0].Replace(':', '-')}");
        File.Copy(input, file, overwrite: true);
        File.WriteAllText(file + ".txt", fault);
        Show(file, fault.Split('\n').FirstOrDefault(line => line.Contains("xception") || line.Contains(':')) ?? fault);
        return true;
    }

    /// <summary>The last line of AFL's plot, which it writes every five seconds; its columns have names in the first.</summary>
    private void ReadProgress()
    {
        string path = Path.Combine(Output, "plot_data");
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (lines.Length < 2)
        {
            return;
        }

        Dictionary<string, string> last = lines[0].TrimStart('#').Split(',').Zip(lines[^1].Split(',')).ToDictionary(each => each.First.Trim(), each => each.Second.Trim());
        Executions = long.Parse(last.GetValueOrDefault("total_execs", "0"), CultureInfo.InvariantCulture);
        Pairs = last.GetValueOrDefault("edges_found", "0");
        Kept = last.GetValueOrDefault("corpus_count", "0");
    }
}
