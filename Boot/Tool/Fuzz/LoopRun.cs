using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>The loop in the targets' own process (Tests/Fuzz/Engine), watched from here: an input may end that process, or never end.</summary>
public sealed class LoopRun(string target, TimeSpan limit) : FuzzRun(target, limit)
{
    /// <summary>The folder with the inputs that brought something new.</summary>
    public const string Queue = "queue";

    private static readonly TimeSpan s_longestRun = TimeSpan.FromSeconds(20);

    protected override Process Start()
    {
        string[] arguments =
        [
            FuzzProgram.Instrumented, "fuzz", Target, FuzzProgram.CorpusOf(Target), Folder, Findings, Seconds.ToString(CultureInfo.InvariantCulture),
        ];
        return ChildProcess.Start("dotnet", arguments, ChildProcess.SdkPackage);
    }

    protected override async Task FollowAsync(Process process)
    {
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<bool> watch = WatchAsync(process);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Take(line.Split('\t'));
        }

        await process.WaitForExitAsync();
        bool isEndless = await watch;
        string complaint = await errors;
        if (isEndless || complaint.Length != 0)
        {
            string file = Path.Combine(Findings, $"end-{Executions}");
            File.WriteAllBytes(file, ReadCurrent().Input);
            File.WriteAllText(file + ".txt", complaint);
            Show(file, isEndless ? $"runs for more than {s_longestRun.TotalSeconds} s" : complaint.Split('\n')[0]);
        }
    }

    private void Take(string[] fields)
    {
        switch (fields)
        {
            case ["status", string executions, string pairs, string kept]:
                (Executions, Pairs, Kept) = (long.Parse(executions, CultureInfo.InvariantCulture), pairs, kept);
                ReportSometimes();
                break;
            case ["finding", string file, string what]:
                Show(file, what);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends the process when an input does not end.</summary>
    private async Task<bool> WatchAsync(Process process)
    {
        long before = -1;
        Stopwatch since = Stopwatch.StartNew();
        while (!process.HasExited)
        {
            long now = ReadCurrent().Number;
            if (now != before)
            {
                before = now;
                since.Restart();
            }
            else if (since.Elapsed > s_longestRun)
            {
                process.Kill();
                return true;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        return false;
    }

    /// <summary>The file that always has the input that runs: how many ran before in 64 bits, its length in 32, its bytes.</summary>
    private (long Number, byte[] Input) ReadCurrent()
    {
        string path = Path.Combine(Folder, "current");
        if (!File.Exists(path))
        {
            return (-1, []);
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using BinaryReader reader = new(stream);
        return stream.Length < sizeof(long) ? (-1, []) : (reader.ReadInt64(), reader.ReadBytes(reader.ReadInt32()));
    }
}
