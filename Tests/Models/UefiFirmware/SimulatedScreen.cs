using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// A graphical screen (UEFI 2.10, 12.9) that keeps its pixels, and the firmware's font (34.1) in which each character can be told from every
/// other. A rectangle beyond the screen, and a wrong This, are violations.
/// </summary>
public sealed unsafe class SimulatedScreen
{
    public const int GlyphWidth = 8;
    public const int GlyphHeight = 19;

    /// <summary>A character that the font answers with another for.</summary>
    public const char UnknownGlyph = '\uE000';

    /// <summary>A character that the font fails at.</summary>
    public const char FailingGlyph = '\uE001';

    private static readonly EFI_STATUS s_unknownGlyph = new(1); // EFI_WARN_UNKNOWN_GLYPH

    private const char Replacement = '\uFFFD';
    private const char FirstWide = '\u1100';
    private const char FirstSymbol = '\u2000';
    private const char LastSymbol = '\u2E7F';

    private readonly SimulatedFirmware _firmware;
    private readonly EFI_GRAPHICS_OUTPUT_MODE_INFORMATION[] _modes;
    private readonly EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE* _mode;
    private uint[] _pixels = [];

    /// <param name="firmware">Whose screen it is.</param>
    /// <param name="hasFont">Whether the firmware has a font.</param>
    /// <param name="sizes">Width and height of each mode; the first is set.</param>
    public SimulatedScreen(SimulatedFirmware firmware, bool hasFont, params (int Width, int Height)[] sizes)
    {
        _firmware = firmware;
        _modes = [.. sizes.Select(size => new EFI_GRAPHICS_OUTPUT_MODE_INFORMATION
        {
            HorizontalResolution = (uint)size.Width,
            VerticalResolution = (uint)size.Height,
            PixelFormat = EFI_GRAPHICS_PIXEL_FORMAT.PixelBltOnly,
            PixelsPerScanLine = (uint)size.Width,
        })];
        _mode = firmware.Allocate<EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE>();
        _mode->MaxMode = (uint)_modes.Length;
        _mode->Info = firmware.Allocate<EFI_GRAPHICS_OUTPUT_MODE_INFORMATION>();
        _mode->SizeOfInfo = (nuint)sizeof(EFI_GRAPHICS_OUTPUT_MODE_INFORMATION);
        EFI_GRAPHICS_OUTPUT_PROTOCOL* screen = firmware.Allocate<EFI_GRAPHICS_OUTPUT_PROTOCOL>(this);
        screen->QueryMode = &QueryMode;
        screen->SetMode = &SetMode;
        screen->Blt = &Blt;
        screen->Mode = _mode;
        Set(0);
        Handle = firmware.Install(default, screen);
        if (hasFont)
        {
            EFI_HII_FONT_PROTOCOL* font = firmware.Allocate<EFI_HII_FONT_PROTOCOL>(this);
            font->GetGlyph = &GetGlyph;
            firmware.Install(default, font);
        }
    }

    public EFI_HANDLE Handle { get; }
    public uint Mode => _mode->Mode;
    public int Width => (int)_mode->Info->HorizontalResolution;
    public int Height => (int)_mode->Info->VerticalResolution;

    /// <summary>How often something was drawn.</summary>
    public int DrawCount { get; set; }

    /// <summary>How many pixels were drawn.</summary>
    public long DrawnPixels { get; set; }

    /// <summary>The glyphs that were asked for.</summary>
    public List<char> Glyphs { get; } = [];

    /// <summary>0xRRGGBB.</summary>
    public uint this[int x, int y] => _pixels[y * Width + x];

    /// <summary>Says how pixels of a mode are in memory.</summary>
    public void SetFormat(int mode, EFI_PIXEL_BITMASK mask)
    {
        _modes[mode].PixelFormat = EFI_GRAPHICS_PIXEL_FORMAT.PixelBitMask;
        _modes[mode].PixelInformation = mask;
    }

    /// <summary>The lines of text from a place on, without blanks at their ends; '~' for what is no character.</summary>
    public string[] ReadText(int left, int top, int columns, int rows) =>
    [
        .. Enumerable.Range(0, rows).Select(row => string.Concat(
            Enumerable.Range(0, columns).Select(column => ReadCharacter(left + column * GlyphWidth, top + row * GlyphHeight))).TrimEnd()),
    ];

    // A glyph: its fourth line is set, its first two are the character's number, the rest is not set. A wide one has a half like this, and one of
    // which only the fourth line is set.

    private char ReadCharacter(int x, int y)
    {
        uint foreground = this[x, y + 3];
        bool isText = Enumerable.Range(0, GlyphWidth).All(i => this[x + i, y + 3] == foreground && this[x + i, y + 4] != foreground);
        return isText ? (char)(ReadLine(x, y, foreground) << 8 | ReadLine(x, y + 1, foreground)) : ' ';
    }

    private int ReadLine(int x, int y, uint foreground) => Enumerable.Range(0, GlyphWidth).Aggregate(0, (bits, i) => bits << 1 | (this[x + i, y] == foreground ? 1 : 0));

    private static int[] Draw(char character, out int width)
    {
        width = character >= FirstWide && character is < FirstSymbol or > LastSymbol and < UnknownGlyph ? 2 * GlyphWidth : GlyphWidth;
        int shift = width - GlyphWidth;
        int[] lines = new int[GlyphHeight];
        if (character != ' ')
        {
            lines[0] = character >> 8 << shift;
            lines[1] = (character & 0xFF) << shift;
            lines[3] = (1 << width) - 1;
        }

        return lines;
    }

    private void Set(uint mode)
    {
        *_mode->Info = _modes[mode];
        _mode->Mode = mode;
        _pixels = new uint[Width * Height];
    }

    private T* AllocateForCaller<T>(int count = 1) where T : unmanaged
    {
        void* memory;
        return _firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)(count * sizeof(T)), &memory).IsError ? null : (T*)memory;
    }

    private EFI_STATUS Draw(
        uint* buffer, EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, int fromX, int fromY, int x, int y, int width, int height, int delta)
    {
        if (width <= 0 || height <= 0 || x < 0 || y < 0 || x + width > Width || y + height > Height)
        {
            _firmware.Violate($"Blt beyond the screen: {width} x {height} at {x}, {y}");
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        DrawCount++;
        DrawnPixels += width * height;
        int stride = delta == 0 ? width : delta / sizeof(uint);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                switch (operation)
                {
                    case EFI_GRAPHICS_OUTPUT_BLT_OPERATION.EfiBltVideoFill:
                        _pixels[(y + row) * Width + x + column] = *buffer;
                        break;
                    case EFI_GRAPHICS_OUTPUT_BLT_OPERATION.EfiBltBufferToVideo:
                        _pixels[(y + row) * Width + x + column] = buffer[(fromY + row) * stride + fromX + column];
                        break;
                    default:
                        return EFI_STATUS.EFI_UNSUPPORTED;
                }
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Do<T>(string member, T* self, Func<SimulatedScreen, EFI_STATUS> body) where T : unmanaged =>
        SimulatedFirmware.Serve(member, EFI_TPL.TPL_NOTIFY, firmware =>
        {
            if (self == null)
            {
                firmware.Violate($"{member} with a null This");
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            return body(ProtocolInstance<T>.OwnerOf<SimulatedScreen>(self));
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS QueryMode(EFI_GRAPHICS_OUTPUT_PROTOCOL* self, uint mode, nuint* size, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION** info) =>
        Do("EFI_GRAPHICS_OUTPUT_PROTOCOL.QueryMode", self, screen =>
        {
            if (mode >= screen._modes.Length || size == null || info == null)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            *info = screen.AllocateForCaller<EFI_GRAPHICS_OUTPUT_MODE_INFORMATION>();
            if (*info == null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            **info = screen._modes[mode];
            *size = (nuint)sizeof(EFI_GRAPHICS_OUTPUT_MODE_INFORMATION);
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetMode(EFI_GRAPHICS_OUTPUT_PROTOCOL* self, uint mode) =>
        Do("EFI_GRAPHICS_OUTPUT_PROTOCOL.SetMode", self, screen =>
        {
            if (mode >= screen._modes.Length)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            screen.Set(mode);
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS Blt(
        EFI_GRAPHICS_OUTPUT_PROTOCOL* self, EFI_GRAPHICS_OUTPUT_BLT_PIXEL* buffer, EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation,
        nuint fromX, nuint fromY, nuint x, nuint y, nuint width, nuint height, nuint delta) =>
        Do(nameof(Blt), self, screen => screen.Draw(
            (uint*)buffer, operation, (int)fromX, (int)fromY, (int)x, (int)y, (int)width, (int)height, (int)delta));

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetGlyph(EFI_HII_FONT_PROTOCOL* self, ushort character, void* info, EFI_IMAGE_OUTPUT** image, nuint* baseline) =>
        Do(nameof(GetGlyph), self, screen =>
        {
            char shown = (char)character is UnknownGlyph ? Replacement : (char)character;
            screen.Glyphs.Add((char)character);
            if (image == null || *image != null || shown == FailingGlyph)
            {
                return shown == FailingGlyph ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            int[] lines = Draw(shown, out int width);
            EFI_IMAGE_OUTPUT* output = screen.AllocateForCaller<EFI_IMAGE_OUTPUT>();
            EFI_GRAPHICS_OUTPUT_BLT_PIXEL* pixels = screen.AllocateForCaller<EFI_GRAPHICS_OUTPUT_BLT_PIXEL>(width * GlyphHeight);
            if (output == null || pixels == null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            *output = new EFI_IMAGE_OUTPUT { Width = (ushort)width, Height = GlyphHeight, Bitmap = pixels };
            for (int i = 0; i < width * GlyphHeight; i++)
            {
                bool isSet = (lines[i / width] >> (width - 1 - i % width) & 1) != 0;
                pixels[i] = isSet ? new EFI_GRAPHICS_OUTPUT_BLT_PIXEL { Blue = 0xAA, Green = 0xAA, Red = 0xAA } : default;
            }

            *image = output;
            return shown == Replacement ? s_unknownGlyph : EFI_STATUS.EFI_SUCCESS;
        });
}
