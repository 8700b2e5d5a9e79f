using System;
using System.IO;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool;

/// <summary>Where things are: in a checkout, or around the installed tool (Debian's netboot-tools and netboot-efi).</summary>
public static class Repository
{
    private static readonly string? s_root = Find();

    /// <summary>Whether this tool was built in a checkout and runs there.</summary>
    public static bool IsCheckout => s_root != null;

    /// <summary>The folder with NetBoot.sln, found upwards from where this program was built.</summary>
    /// <exception cref="ToolError">There is none: this is the installed tool.</exception>
    public static string Root => s_root ?? throw new ToolError(
        "This needs NetBoot's sources, which the installed tool does not have.", "In a checkout of the sources the same command is ./netboot ...");

    public static string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The command as it is typed here.</summary>
    public static string Command => IsCheckout ? "./netboot" : "netboot";

    /// <summary>The folder with a folder of images for each architecture: /usr/lib/netboot for /usr/bin/netboot.</summary>
    private static string Images => IsCheckout ? Artifacts : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../lib/netboot"));

    /// <summary>A built image, for example <c>Image(Architecture.X64, "netboot.efi")</c>.</summary>
    /// <exception cref="ToolError">It is not there.</exception>
    public static string Image(Architecture architecture, string name)
    {
        string path = Path.Combine(Images, architecture.Name, name);
        return File.Exists(path)
            ? path
            : throw new ToolError(
                $"{path} is missing.", IsCheckout ? "Build the images first: ./netboot build" : "Install Debian's package netboot-efi of the tool's version.");
    }

    public static bool HasImage(Architecture architecture, string name) => File.Exists(Path.Combine(Images, architecture.Name, name));

    private static string? Find()
    {
        for (string? at = AppContext.BaseDirectory; at != null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "NetBoot.sln")))
            {
                return at;
            }
        }

        return null;
    }
}
