using System.Text;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>A file of an archive or a package.</summary>
/// <param name="Path">Where it is in there, with slashes.</param>
/// <param name="Content">What is in it; of a link nothing.</param>
public sealed record DistFile(string Path, byte[] Content)
{
    public DistFile(string path, string text)
        : this(path, Encoding.UTF8.GetBytes(text))
    {
    }

    public bool IsProgram { get; init; }

    /// <summary>The whole application is in it, with the certificates of others.</summary>
    public bool HasRoots =>
        System.IO.Path.GetFileNameWithoutExtension(Path) == "netboot" && System.IO.Path.GetExtension(Path) is ".efi" or ".ffs" or ".img" or ".iso";

    /// <summary>What a symbolic link leads to; null for a file.</summary>
    public string? Target { get; init; }

    public static DistFile Link(string path, string target) => new(path, []) { Target = target };

    /// <summary>The same in another folder.</summary>
    public DistFile In(string folder) => this with { Path = $"{folder}/{Path}" };
}
