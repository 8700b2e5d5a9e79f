using System;

namespace NetBoot.Boot.App.Pictures;

/// <summary>Pixels as a screen shows them, in pages of their own: 0x00RRGGBB, row by row. Black where nothing was set.</summary>
public sealed unsafe class Picture : IDisposable
{
    private readonly Platform _platform;
    private readonly ulong _pages;
    private int _left;
    private int _top;

    private Picture(Platform platform, uint* pixels, ulong pages, int width, int height)
    {
        _platform = platform;
        _pages = pages;
        Pixels = pixels;
        Width = width;
        Height = height;
    }

    public uint* Pixels { get; }
    public int Width { get; }
    public int Height { get; }

    /// <summary>Makes one; null when there is not so much memory.</summary>
    public static Picture? Create(Platform platform, int width, int height)
    {
        ulong size = (ulong)width * (ulong)height * sizeof(uint);
        ulong pages = (size + Platform.PageSize - 1) / Platform.PageSize;
        uint* pixels = (uint*)platform.AllocatePages(pages);
        if (pixels is null)
        {
            return null;
        }

        for (int y = 0; y < height; y++)
        {
            new Span<uint>(pixels + (long)y * width, width).Clear();
        }

        return new Picture(platform, pixels, pages, width, height);
    }

    /// <summary>Has what is set from here on be one of that size, in the middle of this.</summary>
    public void Centre(int width, int height)
    {
        _left = (Width - width) / 2;
        _top = (Height - height) / 2;
    }

    /// <summary>Sets a pixel; one that is outside is left out.</summary>
    public void Set(int x, int y, uint rgb)
    {
        x += _left;
        y += _top;
        if ((uint)x < (uint)Width && (uint)y < (uint)Height)
        {
            Pixels[(long)y * Width + x] = rgb;
        }
    }

    public void Dispose() => _platform.FreePages((byte*)Pixels, _pages);
}
