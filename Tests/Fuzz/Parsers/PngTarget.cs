using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Pictures;
using NetBoot.Tests.App;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A picture for the screen, with less memory than a large one would take.</summary>
internal sealed unsafe class PngTarget : FuzzTarget
{
    public override string Name => "png";

    public override string Subject => "PNG pictures for the screen";

    public override int MaximumSize => 512;

    public override IEnumerable<string> Words => ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

    public override IEnumerable<byte[]> Seeds =>
    [
        PngSample.File(5, 9, 8, 2, (x, y, channel) => x + y * 7 + channel),
        PngSample.File(9, 9, 16, 6, (x, y, channel) => x * y * channel * 99, isInterlaced: true),
        PngSample.File(20, 3, 1, 0, (x, _, _) => x & 1),
        PngSample.File(
            7, 3, 4, 3, (x, y, _) => x + y, isInterlaced: true, PngSample.Chunk("PLTE", [1, 2, 3, 4, 5, 6]), PngSample.Chunk("tRNS", [1])),
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        TestPlatform platform = new() { PageLimit = 16 };
        fixed (byte* content = input)
        {
            PngFile.Parse("p.png", content, (ulong)input.Length, out PngFile? png);
            if (png is not null)
            {
                using Picture picture = Picture.Create(platform, 16, 16)!;
                picture.Centre(png.Width, png.Height);
                png.Decode(picture, platform, new TestEventLoop(new TestTerminal()));
            }
        }

        FuzzFinding.Unless(platform.PagesInUse == 0, $"{platform.PagesInUse} pages are left behind");
    }
}
