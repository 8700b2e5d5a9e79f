using System;
using System.Linq;
using NetBoot.Boot.App.Pictures;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>PNG pictures of every format come out as they went in; what lies or is broken is told with its place, and takes no memory.</summary>
public sealed unsafe class PngTests
{
    private const int Width = 37;
    private const int Height = 19;

    private readonly TestPlatform _platform = new();
    private uint[] _pixels = [];

    public static TheoryData<int, int, bool> Formats
    {
        get
        {
            TheoryData<int, int, bool> formats = [];
            foreach ((int colours, int[] depths) in new[] { (0, (int[])[1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]) })
            {
                foreach (int depth in depths)
                {
                    formats.Add(colours, depth, false);
                    formats.Add(colours, depth, true);
                }
            }

            return formats;
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Picture_OfAnyFormat_IsWhatWasDrawn(int colours, int depth, bool isInterlaced)
    {
        byte[] palette = [.. Enumerable.Range(0, 256 * 3).Select(i => (byte)(i * 7))];
        byte[] alpha = [.. Enumerable.Range(0, 100).Select(i => (byte)(i * 2))];
        byte[][] before = colours == 3 ? [PngSample.Chunk("PLTE", palette), PngSample.Chunk("tRNS", alpha), PngSample.Chunk("tEXt", [1, 2])] : [];
        byte[] file = PngSample.File(Width, Height, depth, colours, Sample, isInterlaced, before);

        Assert.Null(Decode(file, Width, Height));

        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                Assert.Equal($"{x} {y}: {Expected(x, y):X6}", $"{x} {y}: {_pixels[y * Width + x]:X6}");
            }
        }

        int Sample(int x, int y, int channel) => (x * 5 + y * 11 + channel * 70 + x * y) * (depth == 16 ? 251 : 1) & ((1 << depth) - 1);

        uint Expected(int x, int y)
        {
            int[] values = [.. Enumerable.Range(0, PngSample.Channels(colours)).Select(channel => Sample(x, y, channel))];
            int maximum = (1 << depth) - 1;
            int[] bytes = [.. values.Select(value => depth == 16 ? value >> 8 : value * 255 / maximum)];
            (int Red, int Green, int Blue, int Alpha) colour = colours switch
            {
                0 => (bytes[0], bytes[0], bytes[0], 255),
                2 => (bytes[0], bytes[1], bytes[2], 255),
                3 => (palette[values[0] * 3], palette[values[0] * 3 + 1], palette[values[0] * 3 + 2], values[0] < 100 ? alpha[values[0]] : 255),
                4 => (bytes[0], bytes[0], bytes[0], bytes[1]),
                _ => (bytes[0], bytes[1], bytes[2], bytes[3]),
            };
            return (uint)(Seen(colour.Red) << 16 | Seen(colour.Green) << 8 | Seen(colour.Blue));

            int Seen(int value) => (int)Math.Round(value * colour.Alpha / 255.0, MidpointRounding.AwayFromZero);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(5, 1)]
    public void Interlaced_PictureThatIsSmallerThanAPass_IsWhatWasDrawn(int width, int height)
    {
        Assert.Null(Decode(PngSample.File(width, height, 8, 0, (x, y, _) => 1 + x + 10 * y, isInterlaced: true), width, height));

        Assert.Equal(Enumerable.Range(0, width * height).Select(i => (uint)(1 + i % width + 10 * (i / width)) * 0x10101), _pixels);
    }

    [Theory]
    [InlineData(4, 4, "00 00 00 00 / 00 41 42 00 / 00 51 52 00 / 00 00 00 00")]
    [InlineData(2, 2, "41 42 / 51 52")]
    [InlineData(1, 1, "41")]
    public void Picture_OfAnotherSizeThanTheScreen_IsInItsMiddle(int width, int height, string expected)
    {
        Assert.Null(Decode(PngSample.File(2, 2, 8, 0, (x, y, _) => 0x41 + x + 16 * y), width, height));

        Assert.Equal(expected, string.Join(" / ", _pixels.Chunk(width).Select(row => string.Join(' ', row.Select(pixel => $"{pixel & 0xFF:X2}")))));
    }

    public static TheoryData<string, byte[], string> BadFiles
    {
        get
        {
            byte[] header = PngSample.Header(2, 2);
            byte[] data = PngSample.Chunk("IDAT", PngSample.Compress(new byte[14]));
            return new()
            {
                { "empty", [], "byte 0: not a PNG picture" },
                { "text", [.. "#!ipxe\necho x\n"u8], "byte 0: not a PNG picture" },
                { "signature alone", File(), "byte 8: a chunk without an end" },
                { "length beyond the file", File(header, [0xFF, 0xFF, 0xFF, 0xFF, .. "IDAT1234"u8]), "byte 33: a chunk without an end" },
                { "length beyond the file, signed", File(header, [0x7F, 0xFF, 0xFF, 0xFF, .. "IDAT1234"u8]), "byte 33: a chunk without an end" },
                { "no end", File(header, data), $"byte {33 + data.Length}: a chunk without an end" },
                { "no header", File(data, PngSample.End), "byte 8: no header" },
                { "two headers", File(header, header, data, PngSample.End), "byte 33: a second header" },
                { "short header", File(PngSample.Chunk("IHDR", new byte[12]), PngSample.End), "byte 8: a header of a wrong length" },
                { "no size", File(PngSample.Header(0, 2), data, PngSample.End), "byte 8: no pixels" },
                { "a bomb", File(PngSample.Header(100_000, 100_000), data, PngSample.End), "byte 8: 100000 x 100000 pixels are more than any screen has" },
                { "a negative size", File(PngSample.Header(-1, 2), data, PngSample.End), "byte 8: 4294967295 x 2 pixels are more than any screen has" },
                { "a size that overflows", File(PngSample.Header(32768, 32768), data, PngSample.End), "byte 8: 32768 x 32768 pixels are more than any screen has" },
                { "depth", File(PngSample.Header(2, 2, 3, 0), data, PngSample.End), "byte 8: a header of no known format" },
                { "colours", File(PngSample.Header(2, 2, 8, 5), data, PngSample.End), "byte 8: a header of no known format" },
                { "no data", File(header, PngSample.End), "byte 33: no pixels" },
                { "no palette", File(PngSample.Header(2, 2, 8, 3), data, PngSample.End), $"byte {33 + data.Length}: no palette" },
                { "a critical chunk", File(header, PngSample.Chunk("ABCD", []), data, PngSample.End), "byte 33: a chunk of no known type" },
                { "no zlib", File(header, PngSample.Chunk("IDAT", new byte[20]), PngSample.End), "pixels: neither gzip nor zlib" },
                { "fewer pixels", File(header, PngSample.Chunk("IDAT", PngSample.Compress(new byte[13])), PngSample.End), "pixels: fewer pixels than its size says" },
                { "more pixels", File(header, PngSample.Chunk("IDAT", PngSample.Compress(new byte[15])), PngSample.End), "pixels: more pixels than its size says" },
                { "filter", File(header, PngSample.Chunk("IDAT", PngSample.Compress([5, .. new byte[13]])), PngSample.End), "pixels: a row with a filter of no known type" },
            };

            static byte[] File(params byte[][] chunks) => [.. PngSample.Signature, .. chunks.SelectMany(chunk => chunk)];
        }
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void File_ThatIsWrong_IsToldWithItsPlace(string what, byte[] file, string expected)
    {
        Error? error = Decode(file, 2, 2);

        Assert.True(error is not null, what);
        Assert.Equal("p.png: " + expected, error.Message);
        Assert.Equal(0, _platform.PagesInUse);
    }

    [Fact]
    public void Bomb_OfMoreDataThanPixels_EndsAtOnce()
    {
        byte[] bomb = PngSample.Compress(new byte[256 << 20]);
        byte[] file = [.. PngSample.Signature, .. PngSample.Header(16, 16), .. PngSample.Chunk("IDAT", bomb), .. PngSample.End];

        Error? error = Decode(file, 16, 16);

        Assert.Equal("p.png: pixels: more pixels than its size says", error?.Message);
        Assert.InRange(_platform.MostPagesInUse, 1, bomb.Length / 4096 + 2);
    }

    [Fact]
    public void File_ThatIsCutAnywhere_IsRefused()
    {
        byte[] file = PngSample.File(Width, Height, 8, 2, (x, y, channel) => x * y + channel);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.NotNull(Decode(file[..length], Width, Height));
        }

        Assert.Equal(0, _platform.PagesInUse);
    }

    private Error? Decode(byte[] file, int width, int height)
    {
        byte[] guarded = [.. file, 0];
        Error? error;
        fixed (byte* content = guarded)
        {
            error = PngFile.Parse("p.png", content, (ulong)file.Length, out PngFile? png);
            if (png is not null)
            {
                using Picture picture = Picture.Create(_platform, width, height)!;
                picture.Centre(png.Width, png.Height);
                error = png.Decode(picture, _platform, new TestEventLoop(new TestTerminal()));
                _pixels = new ReadOnlySpan<uint>(picture.Pixels, width * height).ToArray();
            }
        }

        return error;
    }
}
