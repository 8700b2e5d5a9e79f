using System.CommandLine;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image</c>: puts built images into what firmware finds them in.</summary>
public static class ImageCommand
{
    public static Command Create() => new("image", "Put images where firmware finds them: option ROMs, firmware volumes, disks.")
    {
        ImageRomCommand.Create(),
        ImageFvCommand.Create(),
        ImageAppCommand.Create(),
        ImageDiskCommand.CreateDisk(),
        ImageDiskCommand.CreateIso(),
    };
}
