using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading.Tasks;
using System.Xml.Linq;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>
/// <c>./netboot pack</c>: the packages for C# developers, in artifacts/packages. They are the same byte for byte wherever the sources lie.
/// </summary>
public static class PackCommand
{
    /// <summary>Where the packages' sources seem to lie, for debuggers; the same folder as in the images.</summary>
    private const string SourceRoot = "/netboot/";

    /// <summary>Where a debugger may fetch a source that it does not find in the symbols, which hold all of them.</summary>
    private const string SourceAddress = "https://netboot.invalid/raw";

    private static readonly DateTimeOffset s_time = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Command Create()
    {
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "The folder that the packages go to.",
            DefaultValueFactory = _ => new(Path.Combine(Repository.Artifacts, "packages")),
        };
        Command command = new("pack", "Make the NuGet packages for C# developers: SDK, libraries and templates.") { output };
        command.SetAction(async (parsed, _) =>
        {
            string folder = parsed.GetValue(output)!.FullName;
            IReadOnlyList<string> packages = await PackAsync(folder, Repository.Root);
            foreach (string package in packages)
            {
                AnsiConsole.MarkupLineInterpolated($"{package}: {new FileInfo(package).Length / 1024.0:0} KiB");
            }

            AnsiConsole.MarkupLineInterpolated($"next: dotnet nuget add source {folder} --name netboot && dotnet new install NetBoot.Uefi.Templates");
            return 0;
        });
        return command;
    }

    /// <summary>Builds what goes into the packages, and packs it.</summary>
    /// <param name="folder">Where they go.</param>
    /// <param name="root">The sources: the repository, or a copy of it.</param>
    /// <returns>The packages' paths.</returns>
    /// <exception cref="ToolError">Something does not build, or a package's list names what is not there.</exception>
    public static async Task<IReadOnlyList<string>> PackAsync(string folder, string root)
    {
        string sources = Path.Combine(root, "Boot", "Packages");
        string commit = await CommitAsync();
        string link = Path.Combine(Directory.CreateDirectory(Path.Combine(sources, "obj")).FullName, "sourcelink.json");
        string content = $"{{\"documents\":{{\"{SourceRoot}*\":\"{SourceAddress}/{commit}/*\"}}}}";
        if (!File.Exists(link) || File.ReadAllText(link) != content)
        {
            File.WriteAllText(link, content);
        }

        await BuildCommand.BuildAsync(
            Path.Combine(sources, "Packages.csproj"), "-c", "Release", $"-p:PathMap={root}/={SourceRoot}", "-p:EmbedAllSources=true",
            "-p:EnableSourceLink=false", $"-p:SourceLink={link}", "-p:IncludeSourceRevisionInInformationalVersion=false");
        string version = XDocument.Load(Path.Combine(sources, "obj", "Versions.props")).Descendants("NetBootUefiVersion").Single().Value;
        CopyTemplates(Path.Combine(sources, "NetBoot.Uefi.Templates", "content"), Path.Combine(sources, "obj", "content"), version);
        Directory.CreateDirectory(folder);
        List<string> packages = [];
        foreach (string list in Directory.GetFiles(sources, "*.nuspec", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string made = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(list)}.{version}.nupkg");
            await ChildProcess.RunAsync(
                "dotnet", ["pack", list, "--version", version, "--output", folder, $"-p:commit={commit}"], ChildProcess.SdkPackage);
            Normalize(made);
            packages.Add(made);
        }

        return packages;
    }

    /// <summary>
    /// In the templates <c>$version$</c> stands for the version, which the build has written down for the SDK, and <c>$NAME$</c> for that of
    /// another's package which the repository itself uses.
    /// </summary>
    private static void CopyTemplates(string from, string to, string version)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        XDocument packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file).Replace("$version$", version, StringComparison.Ordinal);
            foreach (XElement each in packages.Descendants("PackageVersion"))
            {
                text = text.Replace($"${each.Attribute("Include")!.Value}$", each.Attribute("Version")!.Value.Trim('[', ']'), StringComparison.Ordinal);
            }

            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, text);
        }
    }

    private static async Task<string> CommitAsync()
    {
        try
        {
            return (await ChildProcess.RunAsync("git", ["-C", Repository.Root, "rev-parse", "HEAD"], "git")).Trim();
        }
        catch (ToolError)
        {
            return "unknown"; // Sources without their history.
        }
    }

    /// <summary>The order and the times of a package's files are the folder's; here they are always the same.</summary>
    private static void Normalize(string package)
    {
        string copy = package + ".new";
        using (ZipArchive from = ZipFile.OpenRead(package))
        using (ZipArchive to = ZipFile.Open(copy, ZipArchiveMode.Create))
        {
            foreach (ZipArchiveEntry each in from.Entries.OrderBy(each => each.FullName, StringComparer.Ordinal))
            {
                ZipArchiveEntry entry = to.CreateEntry(each.FullName, CompressionLevel.SmallestSize);
                entry.LastWriteTime = s_time;
                using Stream input = each.Open();
                using Stream output = entry.Open();
                input.CopyTo(output);
            }
        }

        File.Move(copy, package, overwrite: true);
    }
}
