using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>A Debian package: its files are laid out in a folder, which dpkg-deb packs. Debian Policy, 5.3.</summary>
/// <param name="name">The package's name.</param>
/// <param name="version">With a Debian revision: <c>1.0-1</c>.</param>
/// <param name="time">When the last change was made: the time of all files.</param>
internal sealed class DebianPackage(string name, string version, DateTimeOffset time)
{
    private const string Maintainer = "NetBoot <netboot@netboot.invalid>";
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly (string Reason, string Tag)[] s_overrides =
        [("It is no package of Debian's archive, where a bug would have asked for it.", "initial-upload-closes-no-bugs *")];

    private readonly List<DistFile> _files = [];

    public string Name { get; } = name;

    /// <summary>Of Debian: <c>amd64</c>, or <c>all</c>.</summary>
    public string Architecture { get; init; } = "all";

    public required string Section { get; init; }

    /// <summary>Depends, Recommends and their like, each with what it says.</summary>
    public IReadOnlyList<(string Field, string Value)> Relations { get; init; } = [];

    /// <summary>The first line of the description.</summary>
    public required string Synopsis { get; init; }

    /// <summary>Its further lines, at most 79 characters each.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>The licences, in Debian's format (DEP-5).</summary>
    public required string Copyright { get; init; }

    /// <summary>Of what else lintian is not to speak: its tags, each with the reason.</summary>
    public IReadOnlyList<(string Reason, string Tag)> Overrides { get; init; } = [];

    public void Add(IEnumerable<DistFile> files) => _files.AddRange(files);

    /// <summary>Writes the package.</summary>
    /// <returns>Its path.</returns>
    public async Task<string> WriteAsync(string folder)
    {
        string documents = $"usr/share/doc/{Name}";
        _files.Add(new($"{documents}/copyright", Copyright));
        _files.Add(new($"{documents}/changelog.Debian.gz", Archive.Compress(Encoding.UTF8.GetBytes(Changelog))));
        string overrides = string.Concat(s_overrides.Concat(Overrides).Select(each => $"# {each.Reason}\n{Name}: {each.Tag}\n"));
        _files.Add(new($"usr/share/lintian/overrides/{Name}", overrides));

        using TemporaryDirectory directory = new();
        string root = directory.CreateDirectory("package");
        SetMode(root, Executable);
        DistFile[] ordered = [.. _files.OrderBy(each => each.Path, StringComparer.Ordinal)];
        string sums = string.Concat(
            ordered.Where(each => each.Target == null).Select(each => $"{Convert.ToHexStringLower(MD5.HashData(each.Content))}  {each.Path}\n"));
        foreach (DistFile file in (DistFile[])[.. ordered, new("DEBIAN/control", Control), new("DEBIAN/md5sums", sums)])
        {
            await LayAsync(root, file);
        }

        string package = Path.Combine(folder, $"{Name}_{version}_{Architecture}.deb");
        Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Environment.SetEnvironmentVariable("DPKG_DEB_THREADS_MAX", "1"); // xz's output is another with more
        await ChildProcess.RunAsync("dpkg-deb", ["--root-owner-group", "-Zxz", "-z6", "--build", root, package], "dpkg");
        return package;
    }

    private string Control
    {
        get
        {
            // As dpkg-gencontrol counts: whole KiB of each file, and one for whatever else there is (Debian Policy, 5.6.20).
            long size = _files.Sum(each => each.Target == null ? (each.Content.Length + 1023L) / 1024 : 1) +
                _files.SelectMany(each => Folders(each.Path)).Distinct().Count();
            string relations = string.Concat(Relations.Select(each => $"{each.Field}: {each.Value}\n"));
            string description = string.Concat(Description.Select(line => line.Length == 0 ? " .\n" : $" {line}\n"));
            return $"Package: {Name}\nVersion: {version}\nArchitecture: {Architecture}\nMaintainer: {Maintainer}\n" +
                $"Installed-Size: {size}\n{relations}Section: {Section}\nPriority: optional\nHomepage: https://netboot.invalid\nDescription: {Synopsis}\n{description}";
        }
    }

    private string Changelog =>
        $"netboot ({version}) unstable; urgency=medium\n\n  * Release {version[..version.LastIndexOf('-')]}.\n\n" +
        $" -- {Maintainer}  {time.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000\n";

    private static async Task LayAsync(string root, DistFile file)
    {
        foreach (string folder in Folders(file.Path))
        {
            string path = Path.Combine(root, folder);
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path);
                SetMode(path, Executable);
            }
        }

        string target = Path.Combine(root, file.Path);
        if (file.Target != null)
        {
            File.CreateSymbolicLink(target, file.Target);
            return;
        }

        await File.WriteAllBytesAsync(target, file.Content);
        SetMode(target, file.IsProgram ? Executable : Readable);
    }

    /// <summary>Whatever the user's mask is.</summary>
    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>The folders that a path leads through, outermost first.</summary>
    private static IEnumerable<string> Folders(string path)
    {
        for (int slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }
}
