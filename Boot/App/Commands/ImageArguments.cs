using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>What the commands that take an image share.</summary>
public static class ImageArguments
{
    /// <summary>Fetches the image that the first word names; the other words become its command line.</summary>
    public static Error? Fetch(Session session, Arguments arguments, out Image? image)
    {
        image = null;
        Error? error = arguments.Number('t', 0, out ulong timeout);
        error ??= session.FetchImage(arguments.Words[0], arguments.Value('n'), timeout * 1000, arguments.Has('q'), out image);
        image?.CommandLine.Set(ByteText.Join(arguments.Words.Slice(1)));
        return error;
    }

    /// <summary>Takes the image of that name if there is one, else fetches it. A command line replaces the image's only if there is one.</summary>
    public static Error? Acquire(Session session, Arguments arguments, out Image? image)
    {
        image = session.Images.Find(arguments.Words[0]);
        if (image is null)
        {
            return Fetch(session, arguments, out image);
        }

        if (arguments.Words.Length > 1)
        {
            image.CommandLine.Set(ByteText.Join(arguments.Words.Slice(1)));
        }

        return null;
    }

    /// <summary>Refuses what is neither a script nor an EFI executable for this machine.</summary>
    public static Error? CheckExecutable(Image image) => image.IsScript || ExecutableFile.IsExecutable(image.Content.Span)
        ? null
        : new Error(EFI_STATUS.EFI_LOAD_ERROR, TextBuilder.Format($"{image.Name}: neither a script nor an EFI executable"));

    /// <summary>The image of that name.</summary>
    public static Error? Find(Session session, string name, out Image? image)
    {
        image = session.Images.Find(name);
        return image is null ? new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such image: {name}")) : null;
    }
}
