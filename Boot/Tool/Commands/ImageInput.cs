using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>What the <c>image</c> commands take: files, and built images by their names.</summary>
internal static class ImageInput
{
    /// <summary>Reads an image: a file if there is one of that name, else the built image; for this architecture.</summary>
    /// <exception cref="ToolError">There is none, or it is for another architecture.</exception>
    public static async Task<PortableExecutable> ReadAsync(Architecture architecture, string name)
    {
        string path = File.Exists(name) ? name : await BuiltAsync(architecture, name);
        PortableExecutable image = ReadImage(path);
        return image.MachineName == architecture.Name
            ? image
            : throw new ToolError($"{path} is for {image.MachineName}, not for {architecture.Name}.", $"Take the one in artifacts/{architecture.Name}.");
    }

    /// <summary>Reads an image, and checks the script that is inside it if there is one.</summary>
    /// <exception cref="ToolError">It cannot be read, or a line of the script is wrong.</exception>
    public static PortableExecutable ReadImage(string path)
    {
        PortableExecutable image = new(path, ReadFile(path));
        if (image.Content(EmbeddedSection.Script) is byte[] script)
        {
            ScriptOption.Check($"the script in {path}", script);
        }

        return image;
    }

    /// <summary>The path of a built image, which is built now if it never was.</summary>
    /// <param name="name">As in artifacts, with or without ".efi".</param>
    /// <exception cref="ToolError">There is no such image.</exception>
    public static async Task<string> BuiltAsync(Architecture architecture, string name)
    {
        string file = Stem(name) + ".efi";
        if (Repository.IsCheckout && !Repository.HasImage(architecture, file))
        {
            await BuildCommand.BuildAsync(ProjectOf(name));
        }

        return Repository.Image(architecture, file);
    }

    /// <summary>The project of an image, relative to the repository.</summary>
    /// <inheritdoc cref="BuiltAsync"/>
    public static string ProjectOf(string name)
    {
        string image = Stem(name);
        string project = Path.Combine("Boot", "Images", image, image + ".csproj");
        return File.Exists(Path.Combine(Repository.Root, project))
            ? project
            : throw new ToolError($"{name} is neither a file nor an image of NetBoot.", "Images are the folders of Boot/Images: netboot.efi, netboot-drivers.efi, ...");
    }

    public static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ToolError(error.Message);
        }
    }

    private static string Stem(string name) => name.EndsWith(".efi", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
}
