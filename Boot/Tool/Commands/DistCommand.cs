using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using NetBoot.Boot.Tool.Dist;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot dist</c>: the archive and the Debian packages.</summary>
public static class DistCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo?> output = new("--out") { Description = "The folder to write to; without it artifacts/dist." };
        Option<bool> isBuilt = new("--no-build") { Description = "Take the images that are in artifacts." };
        Command command = new("dist", "Make what is given away: an archive and Debian packages, the same bytes each time.") { output, isBuilt };
        command.SetAction(async (parsed, _) =>
        {
            if (!parsed.GetValue(isBuilt))
            {
                await BuildCommand.BuildAsync();
            }

            string folder = parsed.GetValue(output)?.FullName ?? Path.Combine(Repository.Artifacts, "dist");
            DateTimeOffset time = await Distribution.TimeOfSourcesAsync();
            IReadOnlyList<string> made = [];
            await LongWork.RunAsync("Packing", Distribution.Steps, async work =>
            {
                double begun = 0;
                made = await new Distribution(time).MakeAsync(folder, step =>
                {
                    work.Advance(step, begun);
                    begun = 1;
                });
            });
            Table table = new Table().AddColumn("File").AddColumn(new TableColumn("KiB").RightAligned());
            foreach (string path in made)
            {
                table.AddRow(Path.GetRelativePath(Environment.CurrentDirectory, path), $"{new FileInfo(path).Length / 1024.0:0.0}");
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }
}
