using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>The pages for users, as they go out: the README and all of Boot/Docs, whose links lead to each other or nowhere.</summary>
internal static partial class Documents
{
    private const string Pages = "Boot/Docs";
    private const string Folder = "docs";

    /// <summary>README.md, docs/ and the licence.</summary>
    public static IEnumerable<DistFile> ForArchive() =>
    [
        Page("README.md", "README.md"),
        .. Below(Pages).Select(path => Document(path, Folder + path[Pages.Length..])),
        new("LICENSE", File.ReadAllBytes(PathOf("LICENSE"))),
    ];

    /// <summary>The same but for the licence, which a Debian package has in a file of its own.</summary>
    public static IEnumerable<DistFile> ForPackage() => ForArchive().Where(each => each.Path != "LICENSE");

    private static IEnumerable<string> Below(string folder) =>
        Directory.GetFiles(PathOf(folder), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal);

    private static DistFile Document(string path, string name) =>
        path.EndsWith(".md", StringComparison.Ordinal) ? Page(path, name) : new(name, File.ReadAllBytes(PathOf(path)));

    private static DistFile Page(string path, string name) => new(name, Link().Replace(File.ReadAllText(PathOf(path)), match => Lead(match, path, name)));

    /// <summary>What a link becomes: it leads to the same page where that goes out too, and is text where not.</summary>
    private static string Lead(Match link, string path, string name)
    {
        string target = link.Groups["target"].Value;
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith('#'))
        {
            return link.Value;
        }

        string file = target.Split('#')[0];
        string inSources = Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(PathOf(path))!, file)));
        string? goesOut = inSources.StartsWith(Pages + "/", StringComparison.Ordinal) ? Folder + inSources[Pages.Length..]
            : inSources is "README.md" or "LICENSE" ? inSources : null;
        if (goesOut == null)
        {
            return link.Groups["text"].Value;
        }

        string relative = Path.GetRelativePath(Path.GetDirectoryName("/" + name)!, "/" + goesOut);
        return $"{link.Groups["mark"].Value}[{link.Groups["text"].Value}]({relative}{target[file.Length..]})";
    }

    private static string PathOf(string path) => Path.Combine(Repository.Root, path);

    [GeneratedRegex(@"(?<mark>!?)\[(?<text>[^\]]*)\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
