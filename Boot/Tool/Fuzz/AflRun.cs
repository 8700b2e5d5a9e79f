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

    private string Output => Path.Combine(OutputOf(Target), "default");

    /// <summary>The folder with the inputs that brought something new.</summary>
    public static string QueueOf(string target) => Path.Combine(OutputOf(target), "default/queue");

    protected override Process Start()
    {
        string[] arguments =
        [
            .. s_settings, "afl-fuzz", "-V", ((int)Math.Ceiling(Seconds)).ToString(CultureInfo.InvariantCulture), "-t", "20000+", "-m", "none",
            "-i", FuzzProgram.CorpusOf(Target), "-o", OutputOf(Target), "--", "dotnet", FuzzProgram.Instrumented, "afl", Target,
        ];
        return ChildProcess.Start("env", arguments, "afl++");
    }

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
            throw new ToolError($"afl-fuzz ends with {process.ExitCode}: {string.Join('\n', (await output + await errors).Split('\n').TakeLast(12))}");
        }
    }

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
