using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Images;
using NetBoot.Tests.App;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A compressed file, with less memory than a bomb asks for.</summary>
internal sealed unsafe class InflateTarget : FuzzTarget
{
    public override string Name => "inflate";

    public override string Subject => "files of gzip and zlib that are decompressed";

    public override int MaximumSize => 512;

    public override IEnumerable<byte[]> Seeds =>
    [
        Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize)), Compress(stream => new ZLibStream(stream, CompressionLevel.Fastest)),
        Compress(stream => new ZLibStream(stream, CompressionLevel.NoCompression)),
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        TestPlatform platform = new() { PageLimit = 512 };
        PageBuffer target = new(platform);
        fixed (byte* content = input)
        {
            CompressedFile.Extract(content, (ulong)input.Length, target, new TestEventLoop(new TestTerminal()));
        }

        target.Dispose();
        FuzzFinding.Unless(platform.PagesInUse == 0, $"{platform.PagesInUse} pages are left behind");
    }

    private static byte[] Compress(Func<Stream, Stream> make)
    {
        MemoryStream stream = new();
        using (Stream compressing = make(stream))
        {
            compressing.Write("a kernel, an initrd, an initrd and a kernel"u8);
            compressing.Write(new byte[300]);
        }

        return stream.ToArray();
    }
}
