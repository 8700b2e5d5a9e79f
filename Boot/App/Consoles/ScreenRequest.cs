using NetBoot.Boot.App.Pictures;

namespace NetBoot.Boot.App.Consoles;

/// <summary>How a script wants the screen. All lengths are in pixels.</summary>
public readonly struct ScreenRequest
{
    /// <summary>The least width of the screen; without it and <see cref="Height"/> it shows text as the firmware does.</summary>
    public int Width { get; init; }

    public int Height { get; init; }

    /// <summary>The least bits of a pixel.</summary>
    public int Depth { get; init; }

    /// <summary>Those where no text is, of a screen of that size: a larger one has more.</summary>
    public int Left { get; init; }

    /// <inheritdoc cref="Left"/>
    public int Right { get; init; }

    /// <inheritdoc cref="Left"/>
    public int Top { get; init; }

    /// <inheritdoc cref="Left"/>
    public int Bottom { get; init; }

    /// <summary>What is shown behind the text, in the middle of the screen.</summary>
    public PngFile? Picture { get; init; }

    public bool IsText => Width == 0 || Height == 0;
}
