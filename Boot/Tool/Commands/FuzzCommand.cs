using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Fuzz;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot fuzz</c>: coverage-guided fuzzing of parsers and of the drivers' sides of their devices (Tests/Fuzz).</summary>
public static class FuzzCommand
{
    private const string Everything = "all";

    public static Command Create()
    {
        Argument<string?> target = new("target") { Description = $"What to fuzz, or {Everything}; without it, the targets are listed.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> time = new("--time") { Description = "How long, each target: 90s, 10m, 2h.", DefaultValueFactory = _ => "60s" };
        Option<string> engine = new("--engine") { Description = "afl: AFL++, best for drivers; loop: in one process, several times as fast for parsers.", DefaultValueFactory = _ => "afl" };
        engine.AcceptOnlyFromAmong("afl", "loop");
        Option<FileInfo[]> replay = new("--replay") { Description = "Only run these inputs, and show what goes wrong.", AllowMultipleArgumentsPerToken = true };
        Option<bool> minimize = new("--minimize") { Description = "Instead, make the corpus anew: the few inputs that bring most of what it and all runs so far have brought." };
        Option<bool> coverage = new("--coverage") { Description = "Instead, only say how many branches of how many the corpus and all runs so far take." };
        Command command = new(
            "fuzz", "Fuzz a parser or a driver, guided by coverage. What was tried and what was found stay in artifacts/fuzz; the corpus is in Tests/Fuzz/Corpus.")
        {
            target, time, engine, replay, minimize, coverage,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            TimeSpan limit = ReadTime(parsed.GetValue(time)!);
            await BuildCommand.BuildAsync("Tests", "--configuration", "Release");
            (string Name, string Subject)[] targets = await ListAsync();
            if (parsed.GetValue(target) is not { } name)
            {
                Show(targets);
                return 0;
            }

            string[] chosen = [.. targets.Select(each => each.Name).Where(each => name is Everything || name == each)];
            if (chosen.Length == 0)
            {
                throw new ToolError($"There is no target {name}.", "./netboot fuzz lists them.");
            }

            if (parsed.GetValue(replay) is { Length: > 0 } files)
            {
                return await ReplayAsync(chosen[0], files);
            }

            await FuzzProgram.InstrumentAsync();
            int findings = 0;
            foreach (string each in chosen.TakeWhile(_ => !cancellation.IsCancellationRequested))
            {
                findings += parsed.GetValue(minimize) ? await MinimizeAsync(each)
                    : parsed.GetValue(coverage) ? await MeasureAsync(each)
                    : parsed.GetValue(engine) == "afl" ? await new AflRun(each, limit).RunAsync(cancellation)
                    : await new LoopRun(each, limit).RunAsync(cancellation);
            }

            return findings == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>A number of seconds, minutes or hours.</summary>
    private static TimeSpan ReadTime(string text)
    {
        int unit = text.EndsWith('h') ? 3600 : text.EndsWith('m') ? 60 : text.EndsWith('s') ? 1 : 0;
        return unit != 0 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
            ? TimeSpan.FromSeconds(count * unit)
            : throw new ToolError($"{text} is no time.", "Say for example 90s, 10m or 2h.");
    }

    private static void Show((string Name, string Subject)[] targets)
    {
        Table table = new Table().AddColumn("Target").AddColumn("What is fuzzed");
        foreach ((string name, string subject) in targets)
        {
            table.AddRow(name, Markup.Escape(subject));
        }

        AnsiConsole.Write(table);
    }

    private static async Task<(string Name, string Subject)[]> ListAsync()
    {
        string lines = await ChildProcess.RunAsync("dotnet", [FuzzProgram.Built, "list"], ChildProcess.SdkPackage);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('\t')).Select(each => (each[0], each[1]))];
    }

    private static async Task<int> ReplayAsync(string target, FileInfo[] files)
    {
        int failures = 0;
        foreach (FileInfo file in files)
        {
            string? fault = await FuzzProgram.ReplayAsync(target, file.FullName);
            failures += fault is null ? 0 : 1;
            AnsiConsole.MarkupLineInterpolated($"{file.FullName}: {fault ?? "nothing goes wrong"}");
        }

        return failures == 0 ? 0 : 1;
    }

    private static async Task<int> MeasureAsync(string target)
    {
        await FuzzRun.ReportCoverageAsync(target);
        return 0;
    }

    private static async Task<int> MinimizeAsync(string target)
    {
        string corpus = await FuzzProgram.MinimizeAsync(target);
        FileInfo[] files = new DirectoryInfo(corpus).GetFiles();
        AnsiConsole.MarkupLineInterpolated($"{target}: {files.Length} inputs, {files.Sum(each => each.Length)} bytes");
        return 0;
    }
}
