using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace NetBoot.Tests.Toolchain;

/// <summary>
/// All builds that <see cref="BuildTests"/> looks at, in one run of <c>dotnet build</c> on what is already built of the repository: MSBuild, its
/// packages and its compilers start once.
/// </summary>
public sealed class ImageBuilds : IDisposable
{
    private readonly string _folder;
    private readonly Dictionary<string, (bool IsBuilt, string Errors)> _results;

    public ImageBuilds()
    {
        // The tool removes what is left of its run by this name.
        string run = Environment.GetEnvironmentVariable("NETBOOT_RUN") ?? "toolchain";
        _folder = Directory.CreateTempSubdirectory($"netboot-{run}-").FullName;
        string hello = Source("int[] numbers = new int[3]; numbers[(int)image.Value & 1] = 1; TextBuilder.Format($\"{image.Value}\");");
        const string vendor = "<PropertyGroup><UefiVersion>2.5</UefiVersion></PropertyGroup><ItemGroup><UefiSbat Include=\"netboot.vendor,3,Vendor,netboot,2.5-1,https://vendor.example\" /></ItemGroup>";
        Here = new ImageProject(Path.Combine(_folder, "here"), hello, more: vendor);
        There = new ImageProject(Path.Combine(_folder, "there"), hello, more: vendor);
        Ordinary = new ImageProject(Path.Combine(_folder, "ordinary"), "System.Console.WriteLine(\"Hello, World!\");", more: "<PropertyGroup><OutputType>Exe</OutputType></PropertyGroup>");
        ImageProject missing = new(Path.Combine(_folder, "missing"), Source("""
            string text = "x".ToUpperInvariant();
            new System.Text.RegularExpressions.Regex(text);
            image.GetType();
            _ = Console.Error;
            """) + "internal static class Locked { static void Lock() { lock (TextBuilder.Format($\"\")) { } } static async void Later() { } }");
        ImageProject refused = new(Path.Combine(_folder, "refused"), Source("""
            try { TextBuilder.Format($""); } catch (Exception) { }
            #pragma warning disable
            int[,] square = new int[2, (int)image.Value];
            Func<int, int> twice = x => x * 2; twice(square[0, 1]);
            """) + "internal interface IVariant<in T> { } internal class Finalized { ~Finalized() { } }");
        ImageProject uncompiled = new(Path.Combine(_folder, "uncompiled"), Source("table->Hdr.CRC32 = Calls.Get(new Sealed());") + """

            internal interface IGeneric { uint Get<T>(T value); }
            internal sealed class Sealed : IGeneric { public uint Get<T>(T value) => 1; }
            internal static class Calls { public static uint Get<T>(T on) where T : IGeneric => on.Get(1); }
            """);
        _results = Build(
            ("here", Here, ""), ("there", There, ""), ("ordinary", Ordinary, ""), ("missing", missing, ""),
            ("refused", refused, "NoWarn=NB0001%3BNB0002;RunAnalyzersDuringBuild=false"),
            ("uncompiled", uncompiled, "UefiArchitectures=x64"),
            ("without analyzers", Here, "RunAnalyzers=false"),
            ("of another kind", Here, "UefiImage=RuntimeDriver"),
            ("with a comma in its name", Here, "Company=Vendor%2C Inc."),
            ("without linker", Here, "LldLink=/nowhere/lld-link"));
    }

    /// <summary>A vendor's project, and the same in another folder.</summary>
    internal ImageProject Here { get; }

    /// <inheritdoc cref="Here"/>
    internal ImageProject There { get; }

    /// <summary>An ordinary program of one line.</summary>
    internal ImageProject Ordinary { get; }

    /// <summary>Whether a build succeeded, and its different errors, a line each.</summary>
    public (bool IsBuilt, string Errors) this[string name] => _results[name];

    public void Dispose() => Directory.Delete(_folder, true);

    private static string Source(string body) => $$"""
        using System;
        using System.Runtime.InteropServices;
        using NetBoot.Uefi.Interop;
        using NetBoot.Uefi.Interop.Raw;

        internal static unsafe class Image
        {
            [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
            private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("hello", image, table, &Main);

            private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
            {
                {{body}}
                return EFI_STATUS.EFI_SUCCESS;
            }
        }
        """;

    /// <summary>Builds projects with further properties, one after the other.</summary>
    private Dictionary<string, (bool IsBuilt, string Errors)> Build(params (string Name, ImageProject Project, string Properties)[] builds)
    {
        string all = Path.Combine(_folder, "all.proj");
        string restored = string.Join(';', builds.Select(each => each.Project.ProjectFile).Distinct());
        File.WriteAllText(all, $"""
            <Project>
              <Target Name="Build">
                <MSBuild Projects="{restored}" Targets="Restore" Properties="MSBuildRestoreSessionId=once" />
                {string.Concat(builds.Select(each => $"""
                <Message Importance="high" Text="begin {each.Name}" />
                <MSBuild Projects="{each.Project.ProjectFile}" Properties="{each.Properties}" ContinueOnError="ErrorAndContinue" />
                <Message Importance="high" Text="end $(MSBuildLastTaskResult)" />
                """))}
              </Target>
            </Project>
            """);
        string output = Run("build", all, "--nologo", "-nodeReuse:false", "-maxCpuCount:1", "-terminalLogger:off", "-consoleLoggerParameters:NoSummary", "-p:UseSharedCompilation=false", "-p:BuildProjectReferences=false");
        return Regex.Matches(output, @"^ *begin (.+)\n([\s\S]*?)^ *end (.+)$", RegexOptions.Multiline).ToDictionary(
            each => each.Groups[1].Value,
            each => (each.Groups[3].Value == "true", string.Join('\n', each.Groups[2].Value.Split('\n').Where(line => Regex.IsMatch(line, @"\berror\b")).Select(line => line.Trim()).Distinct())));
    }

    private string Run(params string[] arguments)
    {
        // No process outlives the build: it would keep the pipe open.
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment.Remove("UefiArchitectures");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return output;
    }
}
