using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using System.Xml.Linq;
using NetBoot.Boot.Tool.Commands;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>This tool as others get it: one program that needs no .NET, the same bytes wherever the sources lie.</summary>
internal sealed class ShippedTool
{
    private const string Runtime = "Microsoft.NETCore.App.Runtime.linux-x64";

    private ShippedTool(byte[] program, IReadOnlyList<Component> components, string notices)
    {
        Program = program;
        Components = components;
        Notices = notices;
    }

    public byte[] Program { get; }

    /// <summary>What of others is inside.</summary>
    public IReadOnlyList<Component> Components { get; }

    /// <summary>What the .NET run time says of the parts that it has from others.</summary>
    public string Notices { get; }

    /// <exception cref="ToolError">It does not compile, or a package cannot be had.</exception>
    public static async Task<ShippedTool> BuildAsync()
    {
        const string project = "Boot/Tool/NetBoot.Tool.csproj";
        using TemporaryDirectory directory = new();
        const string comma = "%2C"; // a plain one would end the property
        await BuildCommand.RunAsync(
            project,
            [
                "-t:Publish", "-c", "Release", "-p:NetBootShipped=true", "-p:DebugType=none", "--artifacts-path", directory.FullName,
                $"-p:PathMap={Repository.Root}/=/netboot/{comma}{directory.FullName}/=/build/",
            ]);
        string program = Directory.GetFiles(Path.Combine(directory.FullName, "publish"), "netboot", SearchOption.AllDirectories).Single();
        string restored = Path.Combine(directory.FullName, "obj/NetBoot.Tool/project.assets.json");
        using JsonDocument assets = JsonDocument.Parse(await File.ReadAllBytesAsync(restored));
        string cache = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
        List<Component> components = [];
        JsonElement target = assets.RootElement.GetProperty("targets").EnumerateObject()
            .Single(each => each.Name.EndsWith("/linux-x64", StringComparison.Ordinal)).Value;
        foreach (JsonProperty library in target.EnumerateObject())
        {
            // What is only of the build has no assemblies for the run time.
            if (library.Value.GetProperty("type").GetString() == "package" && library.Value.TryGetProperty("runtime", out _))
            {
                string[] parts = library.Name.Split('/');
                components.Add(Read(cache, parts[0], parts[1]));
            }
        }

        string version = PackageVersions.Named("ShippedRuntimeVersion");
        components.Add(Read(cache, Runtime, version));
        string notices = await File.ReadAllTextAsync(Path.Combine(cache, Runtime.ToLowerInvariant(), version, "THIRD-PARTY-NOTICES.TXT"));
        return new ShippedTool(await File.ReadAllBytesAsync(program), [.. components.OrderBy(each => each.Name, StringComparer.Ordinal)], notices);
    }

    private static Component Read(string cache, string name, string version)
    {
        string folder = Path.Combine(cache, name.ToLowerInvariant(), version.ToLowerInvariant());
        XElement metadata = XDocument.Load(Path.Combine(folder, name.ToLowerInvariant() + ".nuspec")).Root!.Elements().First();
        string? Field(string field) => metadata.Elements().FirstOrDefault(each => each.Name.LocalName == field)?.Value;
        const string unknown = "NOASSERTION"; // as SPDX says it
        return new Component(name, version, Field("license") ?? unknown, Field("copyright") ?? unknown, Field("authors") ?? unknown);
    }
}
