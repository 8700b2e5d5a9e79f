using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>The firmware's own font (UEFI 2.10, 34.1): the glyphs that were asked for, as bits. It has no others than the firmware has.</summary>
/// <param name="font">The firmware's.</param>
public sealed unsafe class ScreenFont(EFI_HII_FONT_PROTOCOL* font)
{
    /// <summary>Pixels of a column.</summary>
    public const int Width = EFI_HII_FONT_PROTOCOL.EFI_GLYPH_WIDTH;

    /// <summary>Pixels of a row.</summary>
    public const int Height = EFI_HII_FONT_PROTOCOL.EFI_GLYPH_HEIGHT;

    /// <summary>A power of two, so that ASCII, Latin and box lines do not meet.</summary>
    private const int CacheSize = 512;

    private const char Unknown = '?';

    private readonly char[] _characters = new char[CacheSize];
    private readonly ushort[] _lines = new ushort[CacheSize * Height];

    /// <summary>A glyph's lines, from the top: bit 15 is the leftmost pixel, narrow glyphs have the upper eight bits.</summary>
    public ReadOnlySpan<ushort> Find(char character)
    {
        int place = (character ^ character >> 9) & (CacheSize - 1);
        Span<ushort> lines = new(_lines, place * Height, Height);
        if (_characters[place] != character)
        {
            _characters[place] = character;
            if (!TryDraw(character, lines))
            {
                TryDraw(Unknown, lines);
            }
        }

        return lines;
    }

    private bool TryDraw(char character, Span<ushort> lines)
    {
        lines.Clear();
        EFI_IMAGE_OUTPUT* image = null;
        if (font->GetGlyph(font, character, null, &image, null).IsError || image == null)
        {
            return false;
        }

        for (int i = 0; image->Bitmap != null && i < image->Width * image->Height; i++)
        {
            int x = i % image->Width;
            int y = i / image->Width;
            EFI_GRAPHICS_OUTPUT_BLT_PIXEL pixel = image->Bitmap[i];
            if ((pixel.Red | pixel.Green | pixel.Blue) != 0 && x < 2 * Width && y < Height)
            {
                lines[y] |= (ushort)(0x8000 >> x);
            }
        }

        Pool.Free(image->Bitmap);
        Pool.Free(image);
        return true;
    }
}
