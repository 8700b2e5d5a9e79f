using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

namespace NetBoot.Tests.Toolchain;

/// <summary>A project outside of the repository that imports the build targets, as a third party's would.</summary>
internal sealed class ImageProject : IDisposable
{
    public ImageProject(string source, string image = "Application", string more = "")
    {
        // The tool removes what is left of its run by this name.
        string run = Environment.GetEnvironmentVariable("NETBOOT_RUN") ?? "toolchain";
        Folder = Directory.CreateTempSubdirectory($"netboot-{run}-").FullName;
        string interop = Path.Combine(RepositoryRoot, "Uefi.Interop");
        File.WriteAllText(Path.Combine(Folder, "hello.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{interop}/Build/Freestanding.props" />
              <PropertyGroup>
                <UefiImage>{image}</UefiImage>
                <UefiArtifacts>$(MSBuildProjectDirectory)/artifacts</UefiArtifacts>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{interop}/Freestanding/Uefi.Interop.Freestanding.csproj" />
              </ItemGroup>
              {more}
              <Import Project="{interop}/Build/Image.targets" />
            </Project>
            """);
        File.WriteAllText(Path.Combine(Folder, "Image.cs"), source);
    }

    public string Folder { get; }

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Runs <c>dotnet build</c> with further arguments, on what is already built of the repository.</summary>
    /// <returns>Its exit code, and its different errors, a line each.</returns>
    public (int ExitCode, string Errors) Build(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // No process outlives the build: it would keep the pipe open.
        foreach (string argument in (string[])["build", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:BuildProjectReferences=false", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment.Remove("UefiArchitectures");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, string.Join('\n', output.Split('\n').Where(line => Regex.IsMatch(line, @"\berror\b")).Select(line => line.Trim()).Distinct()));
    }

    public byte[] Artifact(string path) => File.ReadAllBytes(Path.Combine(Folder, "artifacts", path));

    public void Dispose() => Directory.Delete(Folder, true);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetBoot.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("NetBoot.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
