using System.CommandLine;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot image</c>: puts built images into what firmware finds them in.</summary>
public static class ImageCommand
{
    public static Command Create() => new("image", "Make option ROMs of the images.")
    {
        ImageRomCommand.Create(),
    };
}
