using System;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using Xunit;

namespace NetBoot.Tests.Packaging;

/// <summary>LZMA by Debian's xz, both ways.</summary>
public sealed class LzmaTests
{
    [Fact]
    public void Compress_WhereverAReadOfXzEndsInTheMarker_UnpacksToTheSame()
    {
        byte[] random = new byte[8100];
        new Random(2).NextBytes(random);
        for (int size = 8060; size < 8086; size++)
        {
            byte[] packed = Lzma.Compress(random[..size]);
            Assert.Equal(random[..size], Lzma.Decompress(new InputView("packed", packed)));
        }
    }

    [Fact]
    public void Decompress_OfWhatIsDamagedOrLonger_Fails()
    {
        byte[] content = new byte[5000];
        new Random(3).NextBytes(content);
        byte[] packed = Lzma.Compress(content);
        Assert.Throws<InputError>(() => Lzma.Decompress(new InputView("packed", packed[..^100])));
        Assert.Throws<InputError>(() => Lzma.Decompress(new InputView("packed", [.. packed, 1, 2, 3])));
        packed[6]--;
        Assert.Throws<InputError>(() => Lzma.Decompress(new InputView("packed", packed)));
    }
}
