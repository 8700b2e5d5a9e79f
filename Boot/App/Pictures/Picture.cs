using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Pictures;

/// <summary>Pixels as a screen shows them: 0x00RRGGBB, row by row. Black where nothing was set. Lives until it is disposed, in memory of its own.</summary>
public sealed unsafe class Picture : IDisposable
{
    private readonly Arena _arena;
    private readonly Platform _platform;
    private readonly ulong _pages;
    private int _left;
    private int _top;

    private Picture(Arena arena, Platform platform, uint* pixels, ulong pages, int width, int height)
    {
        _arena = arena;
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
        Arena? arena = Arena.TryCreate(0);
        uint* pixels = arena is null ? null : (uint*)platform.AllocatePages(pages);
        if (pixels is null)
        {
            arena?.Dispose();
            return null;
        }

        for (int y = 0; y < height; y++)
        {
            new Span<uint>(pixels + (long)y * width, width).Clear();
        }

        using (arena!.Enter())
        {
            return new Picture(arena, platform, pixels, pages, width, height);
        }
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

    public void Dispose()
    {
        _platform.FreePages((byte*)Pixels, _pages);
        _arena.Dispose();
    }
}
