using System;

namespace NetBoot.Boot.App.Images;

/// <summary>The images that were fetched, oldest first. It owns them.</summary>
public sealed class ImageRegistry : IDisposable
{
    public Image? First { get; private set; }

    /// <summary>What boot executes; null when nothing was selected.</summary>
    public Image? Selected { get; set; }

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
        if (Selected == image)
        {
            Selected = null;
        }

        return true;
    }

    /// <summary>Takes an image out and frees it.</summary>
    public void Free(Image image)
    {
        Remove(image);
        image.Dispose();
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
