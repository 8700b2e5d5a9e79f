using System;
using System.Buffers.Binary;
using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Pictures;

/// <summary>
/// A picture in the PNG format (RFC 2083). Its chunks are checked before anything is decoded, and the size that it claims is bounded; what comes
/// out of its data then is bounded by that size.
/// </summary>
public sealed unsafe class PngFile
{
    /// <summary>As many as a screen of 8K has.</summary>
    public const int MaximumPixels = 1 << 25;

    private const int MaximumSide = 1 << 15;
    private const int SignatureSize = 8;
    private const int HeaderSize = 13;

    /// <summary>Length, type and CRC (RFC 2083, 3.2).</summary>
    private const int ChunkOverhead = 12;

    private const int PaletteSize = 256;
    private const uint Header = 0x49484452; // IHDR
    private const uint PaletteType = 0x504C5445; // PLTE
    private const uint Transparency = 0x74524E53; // tRNS
    private const uint Data = 0x49444154; // IDAT
    private const uint End = 0x49454E44; // IEND

    /// <summary>A chunk that can be left out (RFC 2083, 3.3).</summary>
    private const uint Ancillary = 0x20000000;

    private readonly string _name;
    private readonly byte* _content;
    private readonly int _length;
    private readonly byte[] _palette = new byte[PaletteSize * 3];
    private readonly byte[] _alpha = new byte[PaletteSize];
    private ulong _dataLength;

    private PngFile(string name, byte* content, int length)
    {
        _name = name;
        _content = content;
        _length = length;
        new Span<byte>(_alpha).Fill(0xFF);
    }

    public int Width { get; private set; }
    public int Height { get; private set; }

    /// <summary>The whole file.</summary>
    public ReadOnlySpan<byte> Content => new(_content, _length);

    /// <summary>Bits of a sample: 1, 2, 4, 8 or 16.</summary>
    internal int Depth { get; private set; }

    internal PngColours Colours { get; private set; }

    internal bool IsInterlaced { get; private set; }

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>Reads all of a file but its pixels.</summary>
    /// <param name="name">The file's, for errors.</param>
    /// <param name="content">Stays where it is as long as the result is used.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="file">Null with an error.</param>
    public static Error? Parse(string name, byte* content, ulong length, out PngFile? file)
    {
        PngFile parsed = new(name, content, (int)Math.Min(length, int.MaxValue));
        Error? error = parsed.Content.StartsWith(Signature) ? parsed.ReadChunks() : parsed.Bad(0, "not a PNG picture");
        file = error is null ? parsed : null;
        return error;
    }

    /// <summary>Decodes the pixels.</summary>
    /// <param name="to">Gets them, those that it has room for; what can be seen through shows black.</param>
    /// <param name="platform">Has the memory for the data.</param>
    /// <param name="loop">Turns now and then, and stops the work when the user does.</param>
    public Error? Decode(Picture to, Platform platform, EventLoop loop)
    {
        // The data is one stream, cut anywhere (RFC 2083, 4.1.3).
        using PageBuffer data = new(platform);
        Error? error = data.Begin(_dataLength);
        int at = SignatureSize;
        while (error is null && TryReadChunk(ref at, out uint type, out ReadOnlySpan<byte> chunk) && type != End)
        {
            error = type == Data ? data.Write(chunk) : null;
        }

        PngRows rows = new(this, to);
        error ??= CompressedFile.Extract(data.Pointer, data.Length, rows, loop);
        error = error is null
            ? rows.IsComplete ? null : new Error(EFI_STATUS.EFI_COMPROMISED_DATA, "fewer pixels than its size says")
            : error;
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{_name}: pixels: {error.Message}"));
    }

    /// <summary>A colour of the palette, before black; one that it does not have is black.</summary>
    internal uint PaletteColour(byte index) =>
        Blend(_palette[index * 3], _palette[index * 3 + 1], _palette[index * 3 + 2], _alpha[index]);

    /// <summary>A colour before black.</summary>
    internal static uint Blend(byte red, byte green, byte blue, byte alpha) =>
        (uint)(Blend(red, alpha) << 16 | Blend(green, alpha) << 8 | Blend(blue, alpha));

    private static int Blend(byte value, byte alpha) => (value * alpha + 127) / 255;

    private Error? ReadChunks()
    {
        int at = SignatureSize;
        int start = at;
        bool hasPalette = false;
        Error? error = null;
        while (error is null && TryReadChunk(ref at, out uint type, out ReadOnlySpan<byte> chunk))
        {
            switch (type)
            {
                case End:
                    return _dataLength == 0 ? Bad(start, "no pixels")
                        : Colours == PngColours.Palette && !hasPalette ? Bad(start, "no palette")
                        : null;
                case Header:
                    error = Width == 0 ? ReadHeader(start, chunk) : Bad(start, "a second header");
                    break;
                case PaletteType:
                    hasPalette = true;
                    chunk.Slice(0, Math.Min(chunk.Length, _palette.Length)).CopyTo(_palette);
                    break;
                case Transparency when Colours == PngColours.Palette:
                    chunk.Slice(0, Math.Min(chunk.Length, _alpha.Length)).CopyTo(_alpha);
                    break;
                case Data:
                    _dataLength += (ulong)chunk.Length;
                    break;
                default:
                    error = (type & Ancillary) != 0 ? null : Bad(start, "a chunk of no known type");
                    break;
            }

            error ??= Width == 0 ? Bad(start, "no header") : null;
            start = at;
        }

        return error ?? Bad(start, "a chunk without an end");
    }

    /// <summary>IHDR (RFC 2083, 4.1.1).</summary>
    private Error? ReadHeader(int at, ReadOnlySpan<byte> header)
    {
        if (header.Length != HeaderSize)
        {
            return Bad(at, "a header of a wrong length");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header.Slice(4));
        if (width == 0 || height == 0)
        {
            return Bad(at, "no pixels");
        }

        if (width > MaximumSide || height > MaximumSide || width * height > MaximumPixels)
        {
            return Bad(at, TextBuilder.Format($"{width} x {height} pixels are more than any screen has"));
        }

        Depth = header[8];
        Colours = (PngColours)header[9];
        bool isKnown = Depth switch
        {
            8 => Colours is PngColours.Grey or PngColours.Rgb or PngColours.Palette or PngColours.GreyAlpha or PngColours.RgbAlpha,
            16 => Colours is PngColours.Grey or PngColours.Rgb or PngColours.GreyAlpha or PngColours.RgbAlpha,
            1 or 2 or 4 => Colours is PngColours.Grey or PngColours.Palette,
            _ => false,
        };
        if (!isKnown || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            return Bad(at, "a header of no known format");
        }

        IsInterlaced = header[12] == 1;
        Width = (int)width;
        Height = (int)height;
        return null;
    }

    /// <summary>Reads the chunk at a byte, which then is behind it; false when there is no whole one.</summary>
    private bool TryReadChunk(ref int at, out uint type, out ReadOnlySpan<byte> chunk)
    {
        ReadOnlySpan<byte> rest = Content.Slice(at);
        type = 0;
        chunk = default;
        if (rest.Length < ChunkOverhead)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > (uint)(rest.Length - ChunkOverhead))
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt32BigEndian(rest.Slice(4));
        chunk = rest.Slice(8, (int)length);
        at += ChunkOverhead + (int)length;
        return true;
    }

    private Error Bad(int at, string what) => new(EFI_STATUS.EFI_COMPROMISED_DATA, TextBuilder.Format($"{_name}: byte {at}: {what}"));
}

/// <summary>What a PNG picture's pixels are made of (RFC 2083, 4.1.1).</summary>
internal enum PngColours : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}
