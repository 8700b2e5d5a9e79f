using System;

namespace NetBoot.Boot.App.Images;

/// <summary>The images that were fetched, oldest first. It owns them.</summary>
public sealed class ImageRegistry : IDisposable
{
    private Image? _selected;

    public Image? First { get; private set; }

    /// <summary>What boot executes; null when nothing was selected, and while that runs.</summary>
    public Image? Selected
    {
        get => _selected is not null && Contains(_selected) ? _selected : null;
        set => _selected = value;
    }

    /// <summary>The device tree that what is started finds; null for the firmware's own.</summary>
    public Image? DeviceTree { get; set; }

    /// <summary>What starts an executable that the firmware refuses; null for nothing.</summary>
    public Image? Shim { get; set; }

    /// <summary>How <see cref="Shim"/> is treated.</summary>
    public ShimOptions ShimOptions { get; set; }

    /// <summary>The next image after one.</summary>
    public static Image? After(Image image) => image.Next;

    public void Add(Image image)
    {
        image.Next = null;
        if (First is null)
        {
            First = image;
            return;
        }

        Image last = First;
        while (last.Next is Image next)
        {
            last = next;
        }

        last.Next = image;
    }

    /// <summary>The oldest image of that name, or null.</summary>
    public Image? Find(ReadOnlySpan<char> name)
    {
        for (Image? image = First; image is not null; image = image.Next)
        {
            if (!image.IsHidden && image.Name.AsSpan().SequenceEqual(name))
            {
                return image;
            }
        }

        return null;
    }

    /// <summary>Takes an image out without freeing it (a running script is none of the images). False when it is not in.</summary>
    public bool Remove(Image image)
    {
        if (First == image)
        {
            First = image.Next;
        }
        else
        {
            Image? before = First;
            while (before is not null && before.Next != image)
            {
                before = before.Next;
            }

            if (before is null)
            {
                return false;
            }

            before.Next = image.Next;
        }

        image.Next = null;
        return true;
    }

    /// <summary>Takes an image out and frees it.</summary>
    public void Free(Image image)
    {
        Remove(image);
        _selected = _selected == image ? null : _selected;
        DeviceTree = DeviceTree == image ? null : DeviceTree;
        Shim = Shim == image ? null : Shim;
        image.Dispose();
    }

    private bool Contains(Image wanted)
    {
        Image? image = First;
        while (image is not null && image != wanted)
        {
            image = image.Next;
        }

        return image is not null;
    }

    /// <summary>Frees all images.</summary>
    public void Dispose()
    {
        while (First is Image image)
        {
            Free(image);
        }
    }
}
