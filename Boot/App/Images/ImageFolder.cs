using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// The images as files, for what is started. The first image of a name is the file of that name; case makes no difference; a name with separators
/// is in a directory. What is itself started can be opened and is not listed, as is "initrd.magic": the whole initrd. Not seen are hidden images,
/// shim and the device tree.
/// </summary>
/// <remarks>The images must stay as they are as long as it is used. Uses memory of the current arena.</remarks>
public sealed class ImageFolder
{
    /// <summary>The name of the whole initrd, as iPXE has it.</summary>
    public const string InitrdName = "initrd.magic";

    private readonly List<ImageFile> _files = new();
    private readonly bool _isSecondStage;

    /// <param name="images">What is in it.</param>
    /// <param name="started">The executable; null when it is none of the images.</param>
    /// <param name="initrd">What is started is offered.</param>
    /// <param name="isSecondStage">Whether shim is to start it.</param>
    public ImageFolder(ImageRegistry images, Image? started, Initrd initrd, bool isSecondStage)
    {
        _isSecondStage = isSecondStage;
        if (started is not null)
        {
            Add(started, isListed: false);
        }

        for (Image? image = images.First; image is not null; image = ImageRegistry.After(image))
        {
            if (!image.IsHidden && image != started && image != images.DeviceTree && image != images.Shim)
            {
                Add(image, isListed: true);
            }
        }

        if (initrd.Size > 0)
        {
            _files.Add(new ImageFile(InitrdName, initrd));
        }
    }

    /// <summary>How many files there are.</summary>
    public int Count => _files.Count;

    /// <summary>Whether it lists anything.</summary>
    public bool ListsAny => Lists(isForGrub: false);

    /// <summary>Whether it lists what GRUB, or a shim before it, looks for: "grub*.efi" in the root, or a "grub.cfg" anywhere.</summary>
    public bool IsForGrub => Lists(isForGrub: true);

    /// <summary>A file; the first is what is started, when that is one of the images.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public ImageFile this[int index] => _files[index];

    /// <summary>
    /// The index of a file, or -1. What shim starts is also any "grub*.efi" that is not there: that is what a shim looks for that does not understand
    /// its arguments.
    /// </summary>
    /// <param name="name">In UCS-2, without a separator in front.</param>
    public int IndexOf(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            if (IsNamed(_files[i].Name, name))
            {
                return i;
            }
        }

        return _isSecondStage && IsSecondStage(name) ? 0 : -1;
    }

    /// <summary>The first file below a directory, or -1.</summary>
    /// <param name="name">Of the directory, as in <see cref="IndexOf"/>; not empty.</param>
    /// <param name="prefix">How much of that file's name is the directory's, with the separator behind it.</param>
    public int FindDirectory(ReadOnlySpan<char> name, out int prefix)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            ReadOnlySpan<char> file = _files[i].Name;
            for (prefix = 1; prefix < file.Length; prefix++)
            {
                if (IsSeparator(file[prefix - 1]) && IsNamed(file.Slice(0, prefix - 1), name))
                {
                    return i;
                }
            }
        }

        prefix = 0;
        return -1;
    }

    /// <summary>What a file is for who lists a directory: itself, or a directory in that one. False: nothing, or what another has shown.</summary>
    /// <param name="directory">The beginning of the names in it, with the separator; empty for the root.</param>
    /// <param name="index">Of the file.</param>
    /// <param name="name">Receives its name in the directory, a byte string.</param>
    /// <param name="isDirectory">Receives whether it is one.</param>
    public bool TryList(ReadOnlySpan<char> directory, int index, out ReadOnlySpan<char> name, out bool isDirectory)
    {
        isDirectory = false;
        name = default;
        if (!_files[index].IsListed || !TryName(directory, index, out name, out isDirectory))
        {
            return false;
        }

        for (int i = 0; i < index; i++)
        {
            if (_files[i].IsListed && TryName(directory, i, out ReadOnlySpan<char> other, out _) && ByteText.IsSamePath(other, name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a directory lists a name.</summary>
    /// <param name="directory">As in <see cref="TryList"/>.</param>
    /// <param name="name">In UCS-2.</param>
    public bool Lists(ReadOnlySpan<char> directory, ReadOnlySpan<char> name)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            if (_files[i].IsListed && TryName(directory, i, out ReadOnlySpan<char> other, out _) && IsNamed(other, name))
            {
                return true;
            }
        }

        return false;
    }

    private bool Lists(bool isForGrub)
    {
        for (int i = 0; i < _files.Count; i++)
        {
            if (_files[i].IsListed && (!isForGrub || IsSecondStage(_files[i].Name) || IsConfiguration(_files[i].Name)))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryName(ReadOnlySpan<char> directory, int index, out ReadOnlySpan<char> name, out bool isDirectory)
    {
        name = _files[index].Name;
        isDirectory = false;
        if (name.Length <= directory.Length || !ByteText.IsSamePath(name.Slice(0, directory.Length), directory))
        {
            return false;
        }

        name = name.Slice(directory.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (IsSeparator(name[i]))
            {
                name = name.Slice(0, i);
                isDirectory = true;
                break;
            }
        }

        return name.Length > 0;
    }

    private static bool IsSecondStage(ReadOnlySpan<char> name)
    {
        const string Before = "grub";
        const string Behind = ".efi";
        return name.Length >= Before.Length + Behind.Length && IsNamed(Before, name.Slice(0, Before.Length)) &&
            IsNamed(Behind, name.Slice(name.Length - Behind.Length));
    }

    private static bool IsConfiguration(ReadOnlySpan<char> name)
    {
        const string Name = "grub.cfg";
        int at = name.Length - Name.Length;
        return at >= 0 && ByteText.IsSamePath(name.Slice(at), Name) && (at == 0 || IsSeparator(name[at - 1]));
    }

    private static bool IsSeparator(char c) => c is '/' or '\\';

    private void Add(Image image, bool isListed)
    {
        ReadOnlySpan<char> name = image.Name;
        while (name.Length > 0 && IsSeparator(name[0]))
        {
            name = name.Slice(1);
        }

        bool isFirst = true;
        for (int i = 0; i < _files.Count; i++)
        {
            isFirst &= !ByteText.IsSamePath(_files[i].Name, name);
        }

        if (isFirst && (name.Length > 0 || !isListed))
        {
            _files.Add(new ImageFile(new string(name), image) { IsListed = isListed });
        }
    }

    private static bool IsNamed(ReadOnlySpan<char> name, ReadOnlySpan<char> path)
    {
        int matched = 0;
        for (int at = 0; at < name.Length; matched++)
        {
            if (matched == path.Length || ByteText.FoldPath(ByteText.NextUcs2(name, ref at)) != ByteText.FoldPath(path[matched]))
            {
                return false;
            }
        }

        return matched == path.Length;
    }
}
