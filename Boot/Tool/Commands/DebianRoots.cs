using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>
/// The roots for servers on the internet: those of Debian's package ca-certificates, which are Mozilla's for TLS servers. One version of the package
/// makes the same bytes everywhere, whatever the machine itself trusts.
/// </summary>
public static class DebianRoots
{
    /// <summary>The image that has them as it is built: the whole application.</summary>
    public const string Image = "netboot.efi";

    private const string Folder = "/usr/share/ca-certificates/mozilla";

    /// <summary>All of them in DER, one behind the other, by the names of their files.</summary>
    /// <exception cref="ToolError">The package is not there, or a file in it is damaged.</exception>
    public static byte[] Read()
    {
        string[] files = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.crt") : [];
        return files.Length > 0
            ? [.. files.Order(StringComparer.Ordinal).SelectMany(TrustSections.ReadCertificates).SelectMany(each => each)]
            : throw new ToolError($"{Folder} has no certificates.", "Install Debian's package ca-certificates.");
    }

    /// <summary>The version of the package that they come from.</summary>
    /// <exception cref="ToolError">It is not installed.</exception>
    public static Task<string> ReadVersionAsync() => ChildProcess.RunAsync("dpkg-query", ["--show", "--showformat=${Version}", "ca-certificates"], "dpkg");

    /// <summary>Puts them into the built image of each architecture that has not got these already, unless it was signed in place.</summary>
    /// <exception cref="ToolError">As <see cref="Read"/> has it.</exception>
    public static void PutIntoBuilt()
    {
        byte[]? roots = null;
        foreach (Architecture architecture in Architecture.All.Where(each => Repository.HasImage(each, Image)))
        {
            string path = Repository.Image(architecture, Image);
            PortableExecutable image = new(path, ImageInput.ReadFile(path));
            byte[]? old = image.Content(EmbeddedSection.Roots);
            roots ??= Read();
            if (image.IsSigned || (old is not null && old.AsSpan().SequenceEqual(roots)))
            {
                continue;
            }

            DateTime built = File.GetLastWriteTimeUtc(path);
            OutputFile.Write(path, (old is null ? image : image.WithoutLastSection(EmbeddedSection.Roots)).WithSection(EmbeddedSection.Roots, roots));
            File.SetLastWriteTimeUtc(path, built); // What the linker made is not newer.
        }
    }
}
