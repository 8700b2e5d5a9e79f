using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// The images as files of one folder, for what is started. The first image of a name is the file of that name; case makes no difference. What
/// is itself started can be opened and is not listed, as is "initrd.magic": the whole initrd. Not seen are hidden images, shim and the device tree.
/// </summary>
/// <remarks>The images must stay as they are as long as it is used. Uses memory of the current arena.</remarks>
public sealed class ImageFolder
{
    /// <summary>The name of the whole initrd, as iPXE has it.</summary>
    public const string InitrdName = "initrd.magic";

    private readonly List<ImageFile> _files = new();
    private readonly bool _isSecondStage;

    /// <param name="images">What is in it.</param>
    /// <param name="started">The executable.</param>
    /// <param name="initrd">What <paramref name="started"/> is offered.</param>
    /// <param name="isSecondStage">Whether shim is to start it.</param>
    public ImageFolder(ImageRegistry images, Image started, Initrd initrd, bool isSecondStage)
    {
        _isSecondStage = isSecondStage;
        Add(started, isListed: false);
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

    /// <summary>A file; the first is what is started.</summary>
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

        const string Before = "grub";
        const string Behind = ".efi";
        return _isSecondStage && name.Length >= Before.Length + Behind.Length && IsNamed(Before, name.Slice(0, Before.Length)) &&
            IsNamed(Behind, name.Slice(name.Length - Behind.Length)) ? 0 : -1;
    }

    private void Add(Image image, bool isListed)
    {
        ReadOnlySpan<char> name = image.Name;
        while (name.Length > 0 && (name[0] is '/' or '\\'))
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

    private static bool IsNamed(string name, ReadOnlySpan<char> path)
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
