using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>
/// The targets' program: the tests' own (Tests/Fuzz), as it is built; a copy of it in which the product counts its branches; and one in which it
/// names them, which is slow.
/// </summary>
public static class FuzzProgram
{
    private const string Name = "NetBoot.Tests.dll";

    /// <summary>What is in progress, and what came of it, a folder for each target.</summary>
    public static string Root => Path.Combine(Repository.Artifacts, "fuzz");

    public static string Built => Path.Combine(BuiltFolder, Name);

    public static string Instrumented => Path.Combine(InstrumentedFolder, Name);

    private static string BuiltFolder => Path.Combine(Repository.Root, "Tests/bin/Release/net10.0");

    private static string InstrumentedFolder => Path.Combine(Root, "bin");

    private static string NamingFolder => Path.Combine(Root, "bin-branches");

    public static string FolderOf(string target) => Directory.CreateDirectory(Path.Combine(Root, target)).FullName;

    public static string CorpusOf(string target) => Path.Combine(Repository.Root, "Tests/Fuzz/Corpus", target);

    /// <summary>Makes the copies anew.</summary>
    public static async Task InstrumentAsync()
    {
        await InstrumentAsync(InstrumentedFolder);
        await InstrumentAsync(NamingFolder, "branches");
    }

    private static async Task InstrumentAsync(string folder, params string[] options)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(BuiltFolder))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await ChildProcess.RunAsync("dotnet", [Built, "instrument", folder, .. options], ChildProcess.SdkPackage);
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

    /// <summary>Runs what is in a target's corpus, and what its runs have kept, and measures which branches of the product that takes.</summary>
    public static async Task<FuzzCoverage> MeasureAsync(string target)
    {
        string lines = await ChildProcess.RunAsync("dotnet", [Path.Combine(NamingFolder, Name), "coverage", target, .. InputsOf(target)], ChildProcess.SdkPackage);
        string file = Path.Combine(FolderOf(target), "coverage.txt");
        File.WriteAllText(file, lines);
        (int Taken, int All)[] classes =
        [
            .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
                .Select(each => (int.Parse(each[2], CultureInfo.InvariantCulture), int.Parse(each[3], CultureInfo.InvariantCulture))),
        ];
        return new FuzzCoverage(classes.Sum(each => each.Taken), classes.Sum(each => each.All), classes.Length, file);
    }

    private static string[] InputsOf(string target) => [CorpusOf(target), Path.Combine(FolderOf(target), LoopRun.Queue), AflRun.QueueOf(target)];

    /// <summary>Makes a target's corpus of the few inputs that bring most of what it, all runs and the target's own seeds have brought.</summary>
    /// <returns>Its folder.</returns>
    public static async Task<string> MinimizeAsync(string target)
    {
        await ChildProcess.RunAsync("dotnet", [Instrumented, "minimize", target, .. InputsOf(target)], ChildProcess.SdkPackage);
        return CorpusOf(target);
    }
}
