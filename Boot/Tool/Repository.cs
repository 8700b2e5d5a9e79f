using System;
using System.IO;

namespace NetBoot.Boot.Tool;

/// <summary>Where things are in a checkout.</summary>
public static class Repository
{
    /// <summary>The folder with NetBoot.sln, found upwards from where this program was built.</summary>
    public static string Root { get; } = Find();

    public static string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>A built image, for example <c>Image(Architecture.X64, "netboot.efi")</c>.</summary>
    /// <exception cref="ToolError">It has not been built.</exception>
    public static string Image(NetBoot.Boot.Tool.Qemu.Architecture architecture, string name)
    {
        string path = Path.Combine(Artifacts, architecture.Name, name);
        return File.Exists(path) ? path : throw new ToolError($"{path} is missing.", "Build the images first: ./netboot build");
    }

    public static bool HasImage(NetBoot.Boot.Tool.Qemu.Architecture architecture, string name) =>
        File.Exists(Path.Combine(Artifacts, architecture.Name, name));

    private static string Find()
    {
        for (string? at = AppContext.BaseDirectory; at != null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "NetBoot.sln")))
            {
                return at;
            }
        }

        throw new ToolError("NetBoot.sln was not found in any folder above the tool.", "Run ./netboot from a checkout of the repository.");
    }
}
