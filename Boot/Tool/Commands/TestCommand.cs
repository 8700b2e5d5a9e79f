using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>
/// <c>./netboot test</c>: all tests, or some. The last line is <c>N passed, N failed</c>; before it stands how long each stage took.
/// </summary>
public static class TestCommand
{
    public static Command Create()
    {
        Option<bool> unit = new("--unit") { Description = "The tests that run on this machine itself (Tests)." };
        Option<bool> firmware = new("--firmware") { Description = "The images in real firmware under QEMU (ovmf-test)." };
        Option<bool> labs = new("--labs") { Description = "The firmware tests with servers in a network namespace of their own, and those under Hyper-V's and Xen's interfaces (nested guests)." };
        Option<string?> filter = new("--filter") { Description = "Only tests whose full name contains this." };
        Command command = new("test", "Build, then run all tests; with options only some.") { unit, firmware, labs, filter };
        command.SetAction(async (parsed, _) =>
        {
            bool all = !parsed.GetValue(unit) && !parsed.GetValue(firmware) && !parsed.GetValue(labs);
            Stages stages = new();
            await stages.RunAsync("build", async () =>
            {
                await BuildCommand.BuildAsync();
                return 0;
            });
            string results = Path.Combine(Repository.Root, "TestResults");
            if (Directory.Exists(results))
            {
                Directory.Delete(results, recursive: true);
            }

            string? name = parsed.GetValue(filter);
            List<Task<int>> runs = [];
            if (all || parsed.GetValue(unit))
            {
                runs.Add(stages.RunAsync("unit", () => RunAsync("Tests", results, Name(name))));
            }

            if (all || parsed.GetValue(firmware) || parsed.GetValue(labs))
            {
                // The simulated firmware is one, so that unit tests leave a processor free, as the labs' guests do: together they take less time.
                (string stage, string? kind) = (all || parsed.GetValue(firmware), all || parsed.GetValue(labs)) switch
                {
                    (true, true) => ("firmware and labs", null),
                    (true, false) => ("firmware", "Kind!=Lab"),
                    _ => ("labs", "Kind=Lab"),
                };
                runs.Add(stages.RunAsync(stage, () => RunAsync("ovmf-test", results, kind, Name(name))));
            }

            int[] codes = await Task.WhenAll(runs);

            Totals totals = Totals.Read(results);
            totals.ReportFailures();
            stages.Report(totals.NestedLabs);
            totals.Report();
            return codes.All(each => each == 0) && totals.Failed == 0 && totals.Passed != 0 ? 0 : 1;
        });
        return command;
    }

    private static string? Name(string? part) => part == null ? null : $"FullyQualifiedName~{part}";

    private static async Task<int> RunAsync(string project, string results, params string?[] filters)
    {
        List<string> arguments =
        [
            "test", Path.Combine(Repository.Root, project), "--no-build", "--nologo",
            "--logger", $"trx;LogFileName={project}.trx", "--logger", "console;verbosity=normal", "--results-directory", results,
        ];
        string filter = string.Join('&', filters.Where(each => each != null));
        if (filter.Length != 0)
        {
            arguments.AddRange("--filter", filter);
        }

        using Process process = ChildProcess.Start("dotnet", arguments, ChildProcess.SdkPackage);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is string line)
        {
            Console.WriteLine(line);
        }

        await process.WaitForExitAsync();
        Console.Error.Write(await errors);
        return process.ExitCode;
    }

    /// <summary>How long each stage took.</summary>
    private sealed class Stages
    {
        private readonly List<string> _texts = [];

        public async Task<int> RunAsync(string name, Func<Task<int>> stage)
        {
            Stopwatch clock = Stopwatch.StartNew();
            int code = await stage();
            lock (_texts)
            {
                _texts.Add($"{name} {Text(clock.Elapsed)}");
            }

            return code;
        }

        public void Report(TimeSpan nestedLabs) =>
            Console.WriteLine(
                $"time in min:s: {string.Join(", ", _texts)}" +
                (nestedLabs == TimeSpan.Zero ? "" : $"; the nested labs, one after another beside the others, {Text(nestedLabs)}"));

        private static string Text(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";
    }

    /// <summary>What the result files of all projects say together.</summary>
    private sealed class Totals
    {
        private readonly List<string> _failedNames = [];

        public int Passed { get; private set; }

        public int Failed { get; private set; }

        public int Skipped { get; private set; }

        /// <summary>What all tests in nested guests took together.</summary>
        public TimeSpan NestedLabs { get; private set; }

        public static Totals Read(string results)
        {
            Totals totals = new();
            foreach (string file in Directory.Exists(results) ? Directory.GetFiles(results, "*.trx") : [])
            {
                XDocument document = XDocument.Load(file);
                XNamespace ns = document.Root!.Name.Namespace;
                HashSet<string?> nested =
                [
                    .. from method in document.Descendants(ns + "TestMethod")
                       where ((string?)method.Attribute("className"))?.Contains(".Labs.", StringComparison.Ordinal) == true
                       select (string?)method.Parent!.Attribute("id"),
                ];
                foreach (XElement result in document.Descendants(ns + "UnitTestResult"))
                {
                    if (nested.Contains((string?)result.Attribute("testId")) && TimeSpan.TryParse((string?)result.Attribute("duration"), out TimeSpan time))
                    {
                        totals.NestedLabs += time;
                    }

                    switch ((string?)result.Attribute("outcome"))
                    {
                        case "Passed":
                            totals.Passed++;
                            break;
                        case "NotExecuted":
                            totals.Skipped++;
                            break;
                        default:
                            totals.Failed++;
                            totals._failedNames.Add((string?)result.Attribute("testName") ?? "?");
                            break;
                    }
                }
            }

            return totals;
        }

        public void ReportFailures()
        {
            foreach (string name in _failedNames)
            {
                Console.WriteLine($"failed: {name}");
            }
        }

        public void Report() => Console.WriteLine($"{Passed} passed, {Failed} failed" + (Skipped == 0 ? "" : $", {Skipped} skipped"));
    }
}
