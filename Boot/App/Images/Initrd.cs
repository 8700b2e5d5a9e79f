using System;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// The initrd that a kernel gets: all images that are neither scripts nor executables, in the order in which they were fetched, each at a
/// multiple of four bytes. An image with arguments becomes a file of the initrd, at the path that is its first argument, whatever it is.
/// What is no kernel itself, but may have one inside or load one, gets what was fetched for an initrd alone, and nothing that was fetched for something else.
/// </summary>
/// <remarks>The arguments after the path are mode=OCTAL (usually 0644) and mkdir=N: how many of the path's last directories to make (all: -1).</remarks>
/// <param name="images">Where its parts are.</param>
/// <param name="isForLinux">Whether a kernel is started.</param>
public sealed unsafe class Initrd(ImageRegistry images, bool isForLinux)
{
    private const uint FileMode = 0x8000 | 0x1A4; // regular, 0644
    private const uint DirectoryMode = 0x4000 | 0x1ED; // directory, 0755

    /// <summary>Whether a kernel is started.</summary>
    public bool IsForLinux => isForLinux;

    /// <summary>The whole size in bytes; 0 when there is none.</summary>
    public ulong Size
    {
        get
        {
            ByteWindow nothing = default;
            Write(ref nothing);
            return nothing.Position;
        }
    }

    /// <summary>Copies a piece of the whole.</summary>
    /// <param name="position">Where it begins.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="count">Its bytes; those behind the end are left as they are.</param>
    public void Read(ulong position, byte* target, ulong count)
    {
        ByteWindow window = new(position, target, count);
        Write(ref window);
    }

    /// <summary>An image that becomes a file larger than a CPIO header can say; null when there is none.</summary>
    public Image? FindTooLarge()
    {
        Image? image = images.First;
        while (image is not null && !(IsPart(image) && image.Content.Length > uint.MaxValue && HasPath(image)))
        {
            image = ImageRegistry.After(image);
        }

        return image;
    }

    /// <summary>Whether an image is part of the initrd.</summary>
    public bool IsPart(Image image) =>
        !image.IsHidden && !image.IsExecutable && image != images.DeviceTree && image != images.Shim && image.Content.Length > 0 && (isForLinux || image.IsInitrd) &&
        (image.CommandLine.Value.Length > 0 || (!image.IsScript && !ExecutableFile.IsExecutable(image.Content.Span)));

    private void Write(ref ByteWindow output)
    {
        for (Image? image = images.First; image is not null; image = ImageRegistry.After(image))
        {
            if (IsPart(image))
            {
                output.Align();
                WriteHeaders(image, ref output);
                output.Write(image.Content.Pointer, image.Content.Length);
            }
        }
    }

    private static bool HasPath(Image image) => ParsePath(image.CommandLine.Value, out _, out _).Length > 0;

    /// <summary>Writes the CPIO headers of an image that has a path, of its directories first.</summary>
    private static void WriteHeaders(Image image, ref ByteWindow output)
    {
        ReadOnlySpan<char> path = ParsePath(image.CommandLine.Value, out uint mode, out int directories);
        if (path.Length == 0)
        {
            return;
        }

        int depth = 0;
        for (int i = 1; i < path.Length; i++)
        {
            depth += path[i] == '/' ? 1 : 0;
        }

        for (int i = 1; i < path.Length; i++)
        {
            if (path[i] == '/' && (directories < 0 || depth-- <= directories))
            {
                CpioHeader.Write(ref output, path.Slice(0, i), DirectoryMode, 0);
            }
        }

        CpioHeader.Write(ref output, path, mode, image.Content.Length);
    }

    private static ReadOnlySpan<char> ParsePath(string commandLine, out uint mode, out int directories)
    {
        mode = FileMode;
        directories = 0;
        ReadOnlySpan<char> rest = commandLine;
        ReadOnlySpan<char> path = NextWord(ref rest);
        while (rest.Length > 0)
        {
            ReadOnlySpan<char> word = NextWord(ref rest);
            if (word.StartsWith("mode="))
            {
                uint bits = 0;
                foreach (char digit in word.Slice(5))
                {
                    bits = (bits * 8 + (digit & 7u)) & 0xFFF;
                }

                mode = (FileMode & 0xF000) | bits;
            }
            else if (word.StartsWith("mkdir=") && Number.TryParse(word.Slice(6), out long count))
            {
                directories = (int)Math.Max(-1, Math.Min(count, 1000));
            }
        }

        return path;
    }

    private static ReadOnlySpan<char> NextWord(scoped ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(' ');
        ReadOnlySpan<char> word = end < 0 ? text : text.Slice(0, end);
        text = end < 0 ? default : text.Slice(end + 1);
        return word;
    }
}
