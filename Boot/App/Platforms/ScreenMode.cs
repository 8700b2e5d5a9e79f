using System;
using System.Numerics;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A mode of a graphical screen, and where text is in it.</summary>
public readonly unsafe struct ScreenMode
{
    private const int WholePixel = 32;

    /// <summary>No screen is larger; sums and products of such lengths do not overflow.</summary>
    private const uint MaximumSide = 1 << 15;

    /// <summary>As SetMode takes it.</summary>
    public uint Number { get; init; }

    /// <summary>In pixels.</summary>
    public int Width { get; init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; init; }

    /// <summary>Where the text begins, in pixels.</summary>
    public int Left { get; init; }

    /// <inheritdoc cref="Left"/>
    public int Top { get; init; }

    /// <summary>Of the text.</summary>
    public int Columns { get; init; }

    /// <inheritdoc cref="Columns"/>
    public int Rows { get; init; }

    /// <summary>Finds the smallest mode that has what is wanted.</summary>
    /// <param name="screen">Whose mode it is.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="found">The mode, without its text.</param>
    public static Error? Find(EFI_GRAPHICS_OUTPUT_PROTOCOL* screen, in ScreenRequest request, out ScreenMode found)
    {
        found = default;
        ScreenMode largest = default;
        for (uint number = 0; screen->Mode != null && number < screen->Mode->MaxMode; number++)
        {
            nuint size;
            EFI_GRAPHICS_OUTPUT_MODE_INFORMATION* info = null;
            if (screen->QueryMode(screen, number, &size, &info).IsError || info == null)
            {
                continue;
            }

            ScreenMode mode = new()
            {
                Number = number,
                Width = (int)Math.Min(info->HorizontalResolution, MaximumSide),
                Height = (int)Math.Min(info->VerticalResolution, MaximumSide),
            };
            int depth = Depth(*info);
            Pool.Free(info);
            bool isEnough = mode.Width >= request.Width && mode.Height >= request.Height && depth >= request.Depth;
            found = isEnough && (found.Area == 0 || mode.Area < found.Area) ? mode : found;
            largest = mode.Area > largest.Area ? mode : largest;
        }

        return found.Area > 0 ? null : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format(
            $"the screen has no such mode; its largest is {largest.Width} x {largest.Height}"));
    }

    private long Area => (long)Width * Height;

    /// <summary>
    /// Says where the text is. A margin belongs to a screen of the wanted size, so a larger one adds to it; none at all means the screen's edge. What
    /// no whole character has is shared among both sides.
    /// </summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="columns">The most there may be.</param>
    /// <param name="rows">The most there may be.</param>
    public ScreenMode WithText(in ScreenRequest request, int columns, int rows)
    {
        LayOut(Width, request.Width, request.Left, request.Right, ScreenFont.Width, columns, out int left, out columns);
        LayOut(Height, request.Height, request.Top, request.Bottom, ScreenFont.Height, rows, out int top, out rows);
        return this with { Left = left, Top = top, Columns = columns, Rows = rows };
    }

    private static void LayOut(int size, int wanted, int before, int behind, int character, int most, out int start, out int count)
    {
        int more = size - wanted;
        before += before > 0 ? more / 2 : 0;
        behind += behind > 0 ? more - more / 2 : 0;
        int room = size - before - behind;
        count = Math.Clamp(room / character, 0, most);
        start = before + (room - count * character) / 2;
    }

    /// <summary>Bits of a pixel.</summary>
    private static int Depth(in EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info)
    {
        EFI_PIXEL_BITMASK mask = info.PixelInformation;
        return info.PixelFormat == EFI_GRAPHICS_PIXEL_FORMAT.PixelBitMask
            ? WholePixel - BitOperations.LeadingZeroCount(mask.RedMask | mask.GreenMask | mask.BlueMask | mask.ReservedMask)
            : WholePixel;
    }
}
