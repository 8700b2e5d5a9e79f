using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Images;

/// <summary>The images that were fetched, oldest first. It owns them.</summary>
public sealed class ImageRegistry : IDisposable
{
    private Image? _selected;
    private bool _isTrustPermanent;

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

    /// <summary>Only what is <see cref="Image.IsTrusted"/> is executed.</summary>
    public bool RequiresTrust { get; private set; }

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

    /// <summary>Says whether only trusted images are executed from now on.</summary>
    /// <param name="isRequired">Whether.</param>
    /// <param name="isPermanent">It stays so whatever is said later.</param>
    public Error? RequireTrust(bool isRequired, bool isPermanent)
    {
        if (!_isTrustPermanent)
        {
            RequiresTrust = isRequired;
            _isTrustPermanent = isPermanent;
        }

        return RequiresTrust == isRequired
            ? null
            : new Error(
                EFI_STATUS.EFI_ACCESS_DENIED,
                TextBuilder.Format($"that images {(isRequired ? "need no" : "need a")} signature was said for good (imgtrust --permanent)"));
    }

    /// <summary>Refuses what is not to be executed, as it is not trusted, or would be started by a shim that is not.</summary>
    public Error? CheckTrust(Image image)
    {
        Image? other = !image.IsTrusted ? image : image.IsScript ? null : Shim;
        return RequiresTrust && other is { IsTrusted: false }
            ? new Error(
                EFI_STATUS.EFI_ACCESS_DENIED,
                TextBuilder.Format($"{other.Name}: not verified (imgverify), which imgtrust wants of all that is executed"))
            : null;
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
