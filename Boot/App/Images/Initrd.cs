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
    private const int Alignment = 4;
    private const uint FileMode = 0x8000 | 0x1A4; // regular, 0644
    private const uint DirectoryMode = 0x4000 | 0x1ED; // directory, 0755

    /// <summary>The whole size in bytes; 0 when there is none.</summary>
    public ulong Size
    {
        get
        {
            ulong size = 0;
            for (Image? image = images.First; image is not null; image = ImageRegistry.After(image))
            {
                if (IsPart(image))
                {
                    size = Align(size) + HeaderSize(image) + image.Content.Length;
                }
            }

            return size;
        }
    }

    /// <summary>Writes the whole.</summary>
    /// <param name="target">Room for <see cref="Size"/> bytes.</param>
    public void CopyTo(byte* target)
    {
        ulong at = 0;
        for (Image? image = images.First; image is not null; image = ImageRegistry.After(image))
        {
            if (!IsPart(image))
            {
                continue;
            }

            for (ulong end = Align(at); at < end; at++)
            {
                target[at] = 0;
            }

            at += WriteHeaders(image, target + at);
            Copy(image.Content.Pointer, target + at, image.Content.Length);
            at += image.Content.Length;
        }
    }

    /// <summary>An image that becomes a file larger than a CPIO header can say; null when there is none.</summary>
    public Image? FindTooLarge()
    {
        Image? image = images.First;
        while (image is not null && !(IsPart(image) && image.Content.Length > uint.MaxValue && HeaderSize(image) > 0))
        {
            image = ImageRegistry.After(image);
        }

        return image;
    }

    /// <summary>Whether an image is part of the initrd.</summary>
    public bool IsPart(Image image) =>
        !image.IsHidden && !image.IsExecutable && image != images.DeviceTree && image.Content.Length > 0 && (isForLinux || image.IsInitrd) &&
        (image.CommandLine.Value.Length > 0 || (!image.IsScript && !ExecutableFile.IsExecutable(image.Content.Span)));

    private static void Copy(byte* from, byte* to, ulong length)
    {
        while (length > 0)
        {
            int count = (int)Math.Min(length, 1 << 30);
            new ReadOnlySpan<byte>(from, count).CopyTo(new Span<byte>(to, count));
            from += count;
            to += count;
            length -= (ulong)count;
        }
    }

    private static ulong HeaderSize(Image image) => WriteHeaders(image, null);

    /// <summary>Writes the CPIO headers of an image, of its directories first; with no target only counts their bytes.</summary>
    private static ulong WriteHeaders(Image image, byte* target)
    {
        ReadOnlySpan<char> path = ParsePath(image.CommandLine.Value, out uint mode, out int directories);
        if (path.Length == 0)
        {
            return 0;
        }

        ulong size = 0;
        int depth = 0;
        for (int i = 1; i < path.Length; i++)
        {
            depth += path[i] == '/' ? 1 : 0;
        }

        for (int i = 1; i < path.Length; i++)
        {
            if (path[i] != '/' || (directories >= 0 && depth-- > directories))
            {
                continue;
            }

            size += CpioHeader.Write(target == null ? null : target + size, path.Slice(0, i), DirectoryMode, 0);
        }

        return size + CpioHeader.Write(target == null ? null : target + size, path, mode, image.Content.Length);
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

    private static ulong Align(ulong size) => (size + Alignment - 1) & ~(ulong)(Alignment - 1);
}
