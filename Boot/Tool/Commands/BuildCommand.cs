using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot build</c>: compiles everything and checks each image against what firmware demands.</summary>
public static class BuildCommand
{
    private const string Solution = "NetBoot.sln";

    public static Command Create()
    {
        Command command = new("build", "Build all images and check them; they land in artifacts/x64 and artifacts/aa64.");
        command.SetAction(async (_, _) =>
        {
            await BuildAsync();
            ShowImages();
            return 0;
        });
        return command;
    }

    /// <summary>Builds the solution, with the compiler's own words only if it fails, and puts the roots into the whole application.</summary>
    /// <exception cref="ToolError">It does not compile, or there are no roots.</exception>
    public static async Task BuildAsync(string project = Solution, params string[] options)
    {
        string path = Path.Combine(Repository.Root, project);
        int count = project == Solution ? File.ReadAllText(path).Split(".csproj\"").Length - 1 : 1;
        await LongWork.RunAsync($"Building {project}", count, work => RunAsync(project, options, work));
        DebianRoots.PutIntoBuilt();
    }

    /// <summary>Builds, and nothing more, without saying so.</summary>
    /// <exception cref="ToolError">It does not compile.</exception>
    public static async Task RunAsync(string project, string[] options, LongWork? work = null)
    {
        List<string> lines = [];
        using Process process = ChildProcess.StartBuild([Path.Combine(Repository.Root, project), "--nologo", "-v", "minimal", .. options]);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is string line)
        {
            lines.Add(line);
            int arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
            if (arrow > 0)
            {
                // An image is said once for the project and once for each architecture.
                work?.Advance("Built " + line[..arrow].Trim(), line.EndsWith(".dll", StringComparison.Ordinal) ? 1 : 0);
            }
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            string report = string.Join('\n', lines.Where(line => line.Contains("error", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct());
            throw new ToolError($"{project} does not build.\n{report}{await errors}", "Correct what the first line names, then run ./netboot build again.");
        }
    }

    private static void ShowImages()
    {
        Table table = new Table().AddColumn("Image").AddColumn(new TableColumn("KiB").RightAligned()).AddColumn("Kind").AddColumn("Checks");
        List<string> faults = [];
        foreach (string path in Directory.EnumerateFiles(Repository.Artifacts, "*.efi", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            ImageCheck image = new(path);
            faults.AddRange(image.Faults);
            table.AddRow(
                Path.GetRelativePath(Repository.Root, path), $"{image.Size / 1024.0:0.0}", image.Kind, image.Faults.Count == 0 ? "[green]ok[/]" : "[red]fails[/]");
        }

        AnsiConsole.Write(table);
        if (faults.Count != 0)
        {
            throw new ToolError(string.Join('\n', faults), "The build targets in Uefi.Interop/Build decide how images are linked.");
        }
    }
}
