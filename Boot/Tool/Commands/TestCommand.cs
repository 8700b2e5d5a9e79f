using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot test</c>: all tests, or some; the last line is <c>N passed, N failed</c>.</summary>
public static class TestCommand
{
    public static Command Create()
    {
        var unit = new Option<bool>("--unit") { Description = "The tests that run on this machine itself (Tests)." };
        var firmware = new Option<bool>("--firmware") { Description = "The images in real firmware under QEMU (ovmf-test)." };
        var labs = new Option<bool>("--labs") { Description = "The firmware tests with servers in a network namespace of their own, and those under Hyper-V's and Xen's interfaces (nested guests)." };
        var filter = new Option<string?>("--filter") { Description = "Only tests whose full name contains this." };
        var command = new Command("test", "Build, then run all tests; with options only some.") { unit, firmware, labs, filter };
        command.SetAction(async (parsed, _) =>
        {
            bool all = !parsed.GetValue(unit) && !parsed.GetValue(firmware) && !parsed.GetValue(labs);
            await BuildCommand.BuildAsync();
            string results = Path.Combine(Repository.Root, "TestResults");
            if (Directory.Exists(results))
            {
                Directory.Delete(results, recursive: true);
            }

            string? name = parsed.GetValue(filter);
            int failures = 0;
            if (all || parsed.GetValue(unit))
            {
                failures += await RunAsync("Tests", results, Name(name));
            }

            if (all || parsed.GetValue(firmware) || parsed.GetValue(labs))
            {
                string? kind = all ? null
                    : parsed.GetValue(firmware) && parsed.GetValue(labs) ? null
                    : parsed.GetValue(labs) ? "Kind=Lab" : "Kind!=Lab";
                failures += await RunAsync("ovmf-test", results, kind, Name(name));
            }

            Totals totals = Totals.Read(results);
            totals.Report();
            return failures == 0 && totals.Failed == 0 && totals.Passed != 0 ? 0 : 1;
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

        using Process process = ChildProcess.Start("dotnet", arguments, "dotnet-sdk-10.0");
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

    /// <summary>What the result files of all projects say together.</summary>
    private sealed class Totals
    {
        private readonly List<string> failedNames = [];

        public int Passed { get; private set; }

        public int Failed { get; private set; }

        public int Skipped { get; private set; }

        public static Totals Read(string results)
        {
            var totals = new Totals();
            foreach (string file in Directory.Exists(results) ? Directory.GetFiles(results, "*.trx") : [])
            {
                XDocument document = XDocument.Load(file);
                XNamespace ns = document.Root!.Name.Namespace;
                foreach (XElement result in document.Descendants(ns + "UnitTestResult"))
                {
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
                            totals.failedNames.Add((string?)result.Attribute("testName") ?? "?");
                            break;
                    }
                }
            }

            return totals;
        }

        public void Report()
        {
            foreach (string name in failedNames)
            {
                Console.WriteLine($"failed: {name}");
            }

            Console.WriteLine($"{Passed} passed, {Failed} failed" + (Skipped == 0 ? "" : $", {Skipped} skipped"));
        }
    }
}
