using System;
using System.IO;
using Boot.Packaging;
using Boot.Tool.Qemu;

namespace Boot.Tool.Commands;

/// <summary>What the <c>image</c> commands take: files, and built images by their names.</summary>
internal static class ImageInput
{
    /// <summary>Reads an image: a file if there is one of that name, else the built image; for this architecture.</summary>
    /// <exception cref="ToolError">There is none, or it is for another architecture.</exception>
    public static PortableExecutable Read(Architecture architecture, string name)
    {
        string path = File.Exists(name) ? name : Repository.Image(architecture, name);
        var image = new PortableExecutable(path, ReadFile(path));
        return image.MachineName == architecture.Name
            ? image
            : throw new ToolError($"{path} is for {image.MachineName}, not for {architecture.Name}.", $"Take the one in artifacts/{architecture.Name}.");
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
}
