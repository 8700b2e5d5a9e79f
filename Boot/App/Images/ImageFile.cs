namespace NetBoot.Boot.App.Images;

/// <summary>A file in an <see cref="ImageFolder"/>: an image's content, or the whole initrd.</summary>
public sealed unsafe class ImageFile
{
    private readonly Image? _image;
    private readonly Initrd? _initrd;

    /// <param name="name">Not empty, and without a separator in front.</param>
    /// <param name="image">Whose content it is.</param>
    public ImageFile(string name, Image image)
    {
        Name = name;
        _image = image;
    }

    /// <inheritdoc cref="ImageFile(string, Image)"/>
    public ImageFile(string name, Initrd initrd)
    {
        Name = name;
        _initrd = initrd;
    }

    /// <summary>A byte string.</summary>
    public string Name { get; }

    /// <summary>Whether it is seen by who lists the folder.</summary>
    public bool IsListed { get; init; }

    /// <summary>In bytes.</summary>
    public ulong Length => _image?.Content.Length ?? _initrd!.Size;

    /// <summary>Copies a piece.</summary>
    /// <param name="position">Where it begins.</param>
    /// <param name="target">Receives it.</param>
    /// <param name="count">Its bytes, not more than there are from <paramref name="position"/> on.</param>
    public void Read(ulong position, byte* target, ulong count)
    {
        if (_image is not null)
        {
            ByteWindow.Copy(_image.Content.Pointer + position, target, count);
        }
        else
        {
            _initrd!.Read(position, target, count);
        }
    }
}
