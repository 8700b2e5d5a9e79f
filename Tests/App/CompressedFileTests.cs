using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What .NET compresses comes out again; what is wrong is told with its place.</summary>
public sealed unsafe class CompressedFileTests
{
    private readonly TestPlatform _platform = new();
    private byte[] _content = [];

    public static TheoryData<CompressionLevel> Levels => [CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.SmallestSize];

    [Theory]
    [MemberData(nameof(Levels))]
    public void File_OfAnyContent_ComesBack(CompressionLevel level) =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte[] Content, byte Times, byte Symbols)>(),
            input =>
            {
                byte[] content = [1, .. Enumerable.Repeat(input.Content, input.Times).SelectMany(each => each).Select(each => (byte)(each % (input.Symbols + 1)))];
                Assert.Null(Extract(Gzip(level, content)));
                Assert.Equal(content, _content);
                Assert.Null(Extract(Zlib(level, content)));
                Assert.Equal(content, _content);
            }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Levels))]
    public void File_LongerThanTheWindow_ComesBack(CompressionLevel level)
    {
        byte[] content = [.. File.ReadAllBytes(typeof(CompressedFile).Assembly.Location), .. new byte[200_000]];
        Assert.Null(Extract(Gzip(level, content)));
        Assert.Equal(content, _content);
    }

    [Fact]
    public void Gzip_OfSeveralMembersWithNamesAndPadding_IsTheirContentsTogether()
    {
        byte[] named = [.. Gzip(CompressionLevel.Optimal, [1, 2, 3])];
        named[3] = 0x1E; // header CRC, extra field, name, comment
        named = [.. named[..10], 2, 0, 7, 7, (byte)'n', 0, (byte)'c', 0, 0xFF, 0xFF, .. named[10..]];
        byte[] file = [.. named, 0, 0, 0, .. Gzip(CompressionLevel.Optimal, [4]), .. "and something else"u8];

        Assert.Null(Extract(file));

        Assert.Equal([1, 2, 3, 4], _content);
    }

    [Fact]
    public void File_ThatIsCutAnywhere_IsRefused()
    {
        byte[] content = new byte[400];
        new Random(5).NextBytes(content.AsSpan(0, 200));
        foreach (byte[] file in new[] { Gzip(CompressionLevel.SmallestSize, content), Zlib(CompressionLevel.SmallestSize, content) })
        {
            for (int length = 0; length < file.Length; length++)
            {
                Assert.NotNull(Extract(file[..length]));
            }
        }
    }

    [Fact]
    public void File_WithAnyBitWrong_IsRefusedOrTheSame()
    {
        byte[] content = new byte[300];
        new Random(6).NextBytes(content.AsSpan(0, 100));
        byte[] file = Gzip(CompressionLevel.SmallestSize, content);
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            byte[] wrong = [.. file];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(Extract(wrong) is not null || _content.AsSpan().SequenceEqual(content), $"bit {bit}");
        }
    }

    [Theory]
    [InlineData("06", "a block of no known type")]
    [InlineData("010500FBFF", "a stored block's two lengths do not agree")]
    [InlineData("010500FAFF", "the data ends too early")]
    [InlineData("FD1F", "more codes than there are")]
    [InlineData("0301", "a reference to before the beginning")]
    [InlineData("", "the data ends too early")]
    public void Deflate_ThatIsWrong_IsToldWithItsPlace(string hex, string expected)
    {
        byte[] file = [0x78, 0x9C, .. Convert.FromHexString(hex), .. hex == "" ? [] : new byte[hex == "010500FAFF" ? 4 : 40]];
        if (hex == "")
        {
            file = [0x78, 0x9C, 0x63, 0x60, 0x60, 0x60];
        }

        Error? error = Extract(file);

        Assert.NotNull(error);
        Assert.Equal(EFI_STATUS.EFI_COMPROMISED_DATA, error.Status);
        Assert.Matches($"^byte [0-9]+: {expected}$", error.Message);
    }

    [Fact]
    public void Bomb_EndsWhereMemoryDoes_AndLeavesNothing()
    {
        byte[] file = Gzip(CompressionLevel.SmallestSize, new byte[64 << 20]);
        _platform.PageLimit = 4096;

        Error? error = Extract(file);

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, error?.Status);
        Assert.Equal(0, _platform.PagesInUse);
    }

    private static byte[] Gzip(CompressionLevel level, byte[] content)
    {
        MemoryStream stream = new();
        using (GZipStream gzip = new(stream, level, leaveOpen: true))
        {
            gzip.Write(content);
            gzip.Flush();
        }

        return stream.ToArray();
    }

    private static byte[] Zlib(CompressionLevel level, byte[] content)
    {
        MemoryStream stream = new();
        using (ZLibStream zlib = new(stream, level, leaveOpen: true))
        {
            zlib.Write(content);
            zlib.Flush();
        }

        return stream.ToArray();
    }

    private Error? Extract(byte[] file)
    {
        using PageBuffer target = new(_platform);
        byte[] guarded = [.. file, 0];
        Error? error;
        fixed (byte* content = guarded)
        {
            error = CompressedFile.Extract(content, (ulong)file.Length, target, new TestEventLoop(new TestTerminal()));
        }

        _content = target.Span.ToArray();
        return error;
    }
}
