using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>The targets' program: the tests' own (Tests/Fuzz), as it is built, and a copy of it in which the product counts its branches.</summary>
public static class FuzzProgram
{
    private const string Name = "NetBoot.Tests.dll";

    /// <summary>What is in progress, and what came of it, a folder for each target.</summary>
    public static string Root => Path.Combine(Repository.Artifacts, "fuzz");

    public static string Built => Path.Combine(BuiltFolder, Name);

    public static string Instrumented => Path.Combine(InstrumentedFolder, Name);

    private static string BuiltFolder => Path.Combine(Repository.Root, "Tests/bin/Release/net10.0");

    private static string InstrumentedFolder => Path.Combine(Root, "bin");

    public static string FolderOf(string target) => Directory.CreateDirectory(Path.Combine(Root, target)).FullName;

    public static string CorpusOf(string target) => Path.Combine(Repository.Root, "Tests/Fuzz/Corpus", target);

    /// <summary>Makes the copy anew.</summary>
    public static async Task InstrumentAsync()
    {
        if (Directory.Exists(InstrumentedFolder))
        {
            Directory.Delete(InstrumentedFolder, recursive: true);
        }

        Directory.CreateDirectory(InstrumentedFolder);
        foreach (string file in Directory.GetFiles(BuiltFolder))
        {
            File.Copy(file, Path.Combine(InstrumentedFolder, Path.GetFileName(file)));
        }

        await ChildProcess.RunAsync("dotnet", [Built, "instrument", InstrumentedFolder], ChildProcess.SdkPackage);
    }

    /// <summary>Runs one input in a process of its own.</summary>
    /// <returns>What went wrong, or null.</returns>
    public static async Task<string?> ReplayAsync(string target, string file)
    {
        using Process process = ChildProcess.Start("dotnet", [Built, "replay", target, file], ChildProcess.SdkPackage);
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : errors.Trim();
    }

    /// <summary>Makes a target's corpus of the few inputs that bring most of what it, all runs and the target's own seeds have brought.</summary>
    /// <returns>Its folder.</returns>
    public static async Task<string> MinimizeAsync(string target)
    {
        List<string> arguments = [Instrumented, "minimize", target, CorpusOf(target), Path.Combine(FolderOf(target), LoopRun.Queue), AflRun.QueueOf(target)];
        await ChildProcess.RunAsync("dotnet", arguments, ChildProcess.SdkPackage);
        return CorpusOf(target);
    }
}
