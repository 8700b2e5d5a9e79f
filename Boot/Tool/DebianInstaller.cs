using System;
using System.IO;
using System.Linq;

namespace NetBoot.Boot.Tool;

/// <summary>The Debian installer's network images: a Linux to boot.</summary>
public static class DebianInstaller
{
    private const string Images = "/usr/lib/debian-installer/images";

    /// <summary>
    /// Has a folder that is served hold the kernel, as <c>linux</c>, its initrd, as <c>initrd.gz</c>, and the shim that trusts it, as <c>shim.efi</c>.
    /// </summary>
    /// <param name="architecture">Debian's name of it.</param>
    /// <exception cref="ToolError">They are not installed.</exception>
    public static void LinkInto(string folder, string architecture = "amd64")
    {
        string? installer = !Directory.Exists(Images) ? null : Directory.EnumerateDirectories(Images)
            .Select(version => Path.Combine(version, $"{architecture}/text/debian-installer/{architecture}"))
            .Where(Directory.Exists).Order(StringComparer.Ordinal).LastOrDefault();
        if (installer == null)
        {
            throw new ToolError("The Debian installer's network images are not installed.", $"Install them: sudo apt-get install debian-installer-12-netboot-{architecture}");
        }

        string processor = architecture == "arm64" ? "aa64" : "x64";
        foreach ((string name, string original) in new[]
        {
            ("linux", "linux"), ("initrd.gz", "initrd.gz"), ("shim.efi", $"bootnet{processor}.efi"), ($"grub{processor}.efi", $"grub{processor}.efi"),
        })
        {
            File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(installer, original));
        }
    }
}
