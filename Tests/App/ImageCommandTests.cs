using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.App.TestSession;

namespace NetBoot.Tests.App;

/// <summary>Fetching, selecting, executing and freeing images.</summary>
public sealed unsafe class ImageCommandTests : IDisposable
{
    private readonly TestSession _session = new();
    private byte[] _initrd = [];

    public ImageCommandTests()
    {
        _session.Platform.AddFile("http://server/dir/linux", Executable);
        _session.Platform.AddFile("http://server/dir/initrd.gz", "INITRD");
        _session.Platform.AddFile("http://server/dir/second", "2nd");
        _session.Platform.AddFile("http://server/dir/sub/inner.ipxe", "#!ipxe\necho inner ${cwuri}\n");
        _session.Platform.AddFile("http://server/dir/fails.ipxe", "#!ipxe\nnosuch\n");
        _session.Platform.AddFile("http://server/dir/exit3.ipxe", "#!ipxe\nexit 3\n");
    }

    private string Output => _session.Output;

    public void Dispose()
    {
        _session.Dispose();
        Assert.Equal(0, _session.Platform.PagesInUse);
    }

    /// <summary>Starts nothing: only keeps what the image would find as its initrd.</summary>
    private Error? KeepInitrd(Image image, ImageRegistry images)
    {
        Initrd initrd = new(images, isForLinux: true);
        _initrd = new byte[initrd.Size];
        fixed (byte* target = _initrd)
        {
            initrd.Read(0, target, initrd.Size);
        }

        return null;
    }

    [Fact]
    public void KernelInitrdBoot_StartsTheKernelWithItsArgumentsAndInitrd()
    {
        _session.Platform.OnStart = KeepInitrd;

        EFI_STATUS status = _session.Run("kernel --quiet linux console=ttyS0  quiet\ninitrd --quiet initrd.gz\ninitrd -q second\nboot\necho back");

        Assert.True(status.IsSuccess);
        Assert.Equal("linux console=ttyS0 quiet", Assert.Single(_session.Platform.Started));
        Assert.Equal("INITRD\0\02nd", Encoding.ASCII.GetString(_initrd));
        Assert.EndsWith("back\n", Output);
    }

    [Fact]
    public void Initrd_WithAPath_BecomesAFileOfAnArchive()
    {
        _session.Platform.OnStart = KeepInitrd;

        _session.Run("kernel -q linux\ninitrd -q initrd.gz\ninitrd -q second /etc/x.conf mode=0755 mkdir=1\nboot");

        string archive = Encoding.ASCII.GetString(_initrd);
        string directory = "07070100000000000041ed" + "00000000000000000000000100000000" + "00000000" + "00000000000000000000000000000000" + "00000005" + "00000000/etc\0\0";
        string file = "070701" + "00000000" + "000081ed" + "00000000000000000000000100000000" + "00000003" + "00000000000000000000000000000000" + "0000000c" + "00000000/etc/x.conf\0\0\0";
        Assert.Equal("INITRD\0\0" + directory.PadRight(116, '\0') + file.PadRight(124, '\0') + "2nd", archive);
    }

    [Fact]
    public void Initrd_HasNoScriptsAndNoExecutables()
    {
        ulong size = 0;
        _session.Platform.OnStart = (_, images) =>
        {
            size = new Initrd(images, isForLinux: true).Size;
            return null;
        };

        _session.Run("imgfetch -q sub/inner.ipxe\nimgfetch -q --name other linux\nkernel -q linux\nboot");

        Assert.Equal(0UL, size);
    }

    [Theory]
    [InlineData("imgfetch nosuch\necho no", "boot.ipxe:2: imgfetch: http://server/dir/nosuch: file not found\n")]
    [InlineData("kernel -q second", "boot.ipxe:2: kernel: second: neither a script nor an EFI executable: it begins with \"2nd\", not with #!ipxe\n")]
    [InlineData("imgargs nosuch a", "boot.ipxe:2: imgargs: http://server/dir/nosuch: file not found\n")]
    [InlineData("md5sum -s x:nosuch second", "boot.ipxe:2: md5sum: x:nosuch: unknown type\n")]
    [InlineData("imgset a:nosuch second", "boot.ipxe:2: imgset: a:nosuch: unknown type\n")]
    [InlineData("imgextract -q second", "boot.ipxe:2: imgextract: second: neither gzip nor zlib\n")]
    [InlineData("imgmem 0xfff 1", "boot.ipxe:2: imgmem: 1 bytes at fff: not all of it is memory\n")]
    [InlineData("imgmem 0x1000 65", "boot.ipxe:2: imgmem: 65 bytes at 1000: not all of it is memory\n")]
    [InlineData("imgmem 0x1000 -1", "boot.ipxe:2: imgmem: not a number: -1\n")]
    [InlineData("imgfree nosuch", "boot.ipxe:2: imgfree: no such image: nosuch\n")]
    [InlineData("imgstat nosuch", "boot.ipxe:2: imgstat: no such image: nosuch\n")]
    [InlineData("imgfetch", "Usage: imgfetch [-n|--name NAME] [-t|--timeout MILLISECONDS] [-q|--quiet] [-a|--autofree] URI [ARGUMENT...]\nboot.ipxe:2: imgfetch: too few arguments\n")]
    [InlineData("imgfetch --timeout x second", "boot.ipxe:2: imgfetch: not a number: x\n")]
    [InlineData("imgfetch http://[bad/x", "boot.ipxe:2: imgfetch: URI http://[bad/x: '[' without ']'\n")]
    [InlineData("boot", "No image selected\n")]
    [InlineData("chain fails.ipxe -q", "boot.ipxe:2: chain: fails.ipxe ended with status 3\n")]
    public void Errors_SayWhatAndWhere(string lines, string expected)
    {
        _session.Run(lines);

        Assert.EndsWith(expected, Output);
    }

    [Fact]
    public void Chain_RunsAScriptWithItsOwnUri_AndComesBack()
    {
        _session.Run("chain -q sub/inner.ipxe\necho outer ${cwuri} ${cwduri}");

        Assert.Equal("inner http://server/dir/sub/inner.ipxe\nouter http://server/dir/boot.ipxe http://server/dir/\n", Output);
    }

    [Fact]
    public void Chain_FailureAndExitStatus_AreTheCommands()
    {
        _session.Run("chain -q exit3.ipxe || echo ${errno}\nchain -q fails.ipxe ||\necho on");

        Assert.Equal(
            "boot.ipxe:2: chain: exit3.ipxe ended with status 3\n0x3\n" +
            "fails.ipxe:2: nosuch: command not found\nboot.ipxe:3: chain: fails.ipxe ended with status 3\non\n",
            Output);
    }

    [Fact]
    public void Chain_Replace_RunsInPlaceOfTheScript()
    {
        _session.Run("chain -q --replace sub/inner.ipxe && echo no || echo no\necho no");

        Assert.Equal("inner http://server/dir/sub/inner.ipxe\n", Output);
    }

    [Fact]
    public void Chain_ReplaceForEver_UsesConstantMemory()
    {
        int rounds = 0;
        _session.Platform.AddFile("http://server/dir/again.ipxe", "#!ipxe\nset x ${x}y\nclear x\nchain -q --replace --autofree again.ipxe\n");
        _session.Platform.OnPiece = _ =>
        {
            Assert.True(_session.Platform.PagesInUse <= 3);
            if (++rounds == 500)
            {
                _session.Platform.Files.Clear();
            }
        };

        _session.Run("chain -q --replace --autofree again.ipxe");

        Assert.Equal(500, rounds);
    }

    [Fact]
    public void Chain_OfItselfWithoutReplace_EndsWithAnError()
    {
        _session.Platform.AddFile("http://server/dir/loop.ipxe", "#!ipxe\nchain -q --autofree loop.ipxe\n");

        Assert.True(_session.Run("chain -q loop.ipxe").IsError);

        Assert.Contains("too many scripts within scripts", Output);
    }

    [Fact]
    public void Autofree_FreesAfterExecution()
    {
        _session.Run("chain -q --autofree sub/inner.ipxe\nchain -q --autofree linux\nimgstat");

        Assert.Equal("inner http://server/dir/sub/inner.ipxe\n", Output);
    }

    [Fact]
    public void Image_IsFoundByName_AndKeepsItsArguments()
    {
        _session.Run("imgfetch -q --name k linux a b\nchain k\nchain k c\nchain -q linux\nimgargs k d  e\nimgexec k\nimgselect k\nboot\nimgargs k\nboot");

        Assert.Equal(["k a b", "k c", "linux", "k d e", "k d e", "k"], _session.Platform.Started);
        Assert.Equal(["http://server/dir/linux", "http://server/dir/linux"], _session.Platform.Fetched);
    }

    [Theory]
    [InlineData("md5sum")]
    [InlineData("sha1sum")]
    [InlineData("sha256sum")]
    [InlineData("sha512sum")]
    public void Digest_IsPrintedAsMd5sumDoes_OrSet(string command)
    {
        byte[] content = Encoding.ASCII.GetBytes("2nd");
        string expected = Convert.ToHexStringLower(command switch
        {
            "md5sum" => MD5.HashData(content),
            "sha1sum" => SHA1.HashData(content),
            "sha256sum" => SHA256.HashData(content),
            _ => SHA512.HashData(content),
        });

        _session.Run($"imgfetch -q --name x second\n{command} x x\n{command} --set sum x\necho ${{sum}}\n{command} --set sum:hexhyp x\nshow sum");

        Assert.Equal($"{expected}  x\n{expected}  x\n{expected}\nsum:hexhyp = {string.Join('-', expected.Chunk(2).Select(pair => new string(pair)))}\n", Output);
    }

    [Fact]
    public void Digest_OfAUri_FetchesIt_AndKeepsItAsImage()
    {
        _session.Run("md5sum second\nimgstat");

        Assert.EndsWith("  second\nsecond : 3 bytes\n", Output);
    }

    [Fact]
    public void Digest_OfALongImage_CanBeInterrupted()
    {
        _session.Platform.Files["http://server/dir/big"] = new byte[5_000_000];
        _session.Run("imgfetch -q big");
        _session.EventLoop.MaximumTurns = _session.EventLoop.Turns + 3;

        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run("sha512sum big"));
    }

    [Fact]
    public void Imgset_SetsASettingToAnImagesBytes_AndDropsTheImage()
    {
        _session.Platform.AddFile("http://server/dir/token", "abc def");

        _session.Run("imgset -q t token\necho <${t}>\nimgset -q t:hexraw token\necho <${t}>\nimgset -q --keep net0/x:string token\necho <${net0/x}>\nimgstat");

        Assert.Equal("<abc def>\n<61626320646566>\n<abc def>\ntoken : 7 bytes\n", Output);
    }

    [Fact]
    public void Imgmem_MakesAnImageOfMemory()
    {
        "in memory"u8.CopyTo(_session.Platform.Memory.AsSpan(4));

        _session.Run("imgmem 0x1004 9\nimgmem --name m 0x1007 6\nimgset a 0x1004\nimgset b m\necho <${a}> <${b}>\nimgmem -n empty 0x1040 0\nimgstat");

        Assert.Equal("<in memory> <memory>\nempty : 0 bytes\n", Output);
    }

    [Theory]
    [InlineData("imgextract -q --keep k.gz\nimgstat", "k.gz : * bytes\nk : 3000 bytes\n")]
    [InlineData("imgextract -q k.gz\nimgstat", "k : 3000 bytes\n")]
    [InlineData("imgextract -q --name other k.gz\nimgstat", "other : 3000 bytes\n")]
    [InlineData("imgextract -q --timeout 5000 k.zlib\nimgstat", "k : 3000 bytes\n")]
    [InlineData("imgextract -q cut.gz ||\nimgstat", "boot.ipxe:2: imgextract: cut.gz: byte *: the data ends too early\n")]
    public void Imgextract_Decompresses(string lines, string expected)
    {
        byte[] content = new byte[3000];
        new Random(3).NextBytes(content.AsSpan(0, 100));
        byte[] gzip = Compress(stream => new GZipStream(stream, CompressionLevel.Optimal), content);
        _session.Platform.Files["http://server/dir/k.gz"] = gzip;
        _session.Platform.Files["http://server/dir/k.zlib"] = Compress(stream => new ZLibStream(stream, CompressionLevel.Optimal), content);
        _session.Platform.Files["http://server/dir/cut.gz"] = gzip[..^9];

        _session.Run(lines);

        Assert.Matches("^" + Regex.Escape(expected).Replace("\\*", "[0-9]+", StringComparison.Ordinal) + "$", Output);
        if (_session.Session.Images.Find("k") is Image extracted)
        {
            Assert.True(extracted.Content.Span.SequenceEqual(content));
        }
    }

    [Fact]
    public void Kernel_ThatIsCompressed_IsStartedWithItsArguments()
    {
        _session.Platform.Files["http://server/dir/linux.gz"] = Compress(stream => new GZipStream(stream, CompressionLevel.Optimal), Encoding.Latin1.GetBytes(Executable));
        _session.Platform.Files["http://server/dir/text.gz"] = Compress(stream => new GZipStream(stream, CompressionLevel.Optimal), "text"u8.ToArray());

        _session.Run("kernel -q linux.gz quiet\nboot\nimgfree\nchain -q text.gz ||\nimgfree\nimgstat");

        Assert.Equal(["linux quiet"], _session.Platform.Started);
        Assert.Equal("boot.ipxe:5: chain: text: neither a script nor an EFI executable: it begins with \"text\", not with #!ipxe\n", Output);
    }

    [Fact]
    public void Name_IsGivenToAnImageThatIsThere()
    {
        _session.Run("imgfetch -q second\nimgargs --name first second x\nkernel -q --name k linux\nimgexec -n l k y\nimgstat");

        Assert.Equal("first : 3 bytes \"x\"\nl : 128 bytes [EFI] [SELECTED] \"y\"\n", Output);
        Assert.Equal(["l y"], _session.Platform.Started);
    }

    [Fact]
    public void SelectedScript_CanBeBootedAgain_ButNotByItself()
    {
        _session.Platform.AddFile("http://server/dir/s.ipxe", "#!ipxe\necho runs\nboot\n");

        _session.Run("imgselect -q s.ipxe\nboot\nboot");

        Assert.Equal("runs\nNo image selected\nruns\nNo image selected\n", Output);
    }

    [Fact]
    public void Autofree_FreesWhatCannotBeExecuted()
    {
        _session.Run("chain -q --autofree second ||\nimgstat");

        Assert.Equal("boot.ipxe:2: chain: second: neither a script nor an EFI executable: it begins with \"2nd\", not with #!ipxe\n", Output);
    }

    [Fact]
    public void Script_ThatWasRedirected_ResolvesAgainstWhereItWasFound()
    {
        _session.Platform.Moves["http://server/dir/menu"] = "http://server/dir/sub/inner.ipxe";
        _session.Run("chain -q menu");

        Assert.Equal("inner http://server/dir/sub/inner.ipxe\n", Output);
    }

    [Fact]
    public void Imgfetch_AlwaysFetches_AndTheOlderImageIsFound()
    {
        _session.Run("imgfetch -q --name x linux first\nimgfetch -q --name x linux second\nchain x\nimgfree x\nchain x");

        Assert.Equal(["x first", "x second"], _session.Platform.Started);
    }

    [Fact]
    public void ImageList_ShowsKindSelectionAndArguments()
    {
        _session.Run("kernel -q linux quiet\ninitrd -q initrd.gz\nimgfetch -q sub/inner.ipxe\nimgstat\nimgfree linux\nimgstat linux ||\nimgfree\nimgstat\nboot");

        Assert.Equal(
            "linux : 128 bytes [EFI] [SELECTED] \"quiet\"\ninitrd.gz : 6 bytes\ninner.ipxe : 27 bytes [script]\n" +
            "boot.ipxe:7: imgstat: no such image: linux\nNo image selected\n",
            Output);
    }

    [Fact]
    public void RunningScript_IsNoneOfTheImages()
    {
        _session.Run("imgstat\nimgfree\necho still here");

        Assert.Equal("still here\n", Output);
    }

    [Fact]
    public void Start_ThatFails_IsAnErrorOfTheCommand()
    {
        _session.Platform.OnStart = (image, _) => new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, $"{image.Name}: refused");

        _session.Run("kernel -q linux\nboot || echo failed ${errno}");

        Assert.Equal("boot.ipxe:3: boot: linux: refused\nfailed 0x1a\n", Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Download_OfManyPieces_IsWhole(bool announced)
    {
        byte[] content = new byte[5_000_000];
        new Random(1).NextBytes(content);
        _session.Platform.Files["http://server/dir/big"] = content;
        if (!announced)
        {
            _session.Platform.WithoutSize.Add("http://server/dir/big");
        }

        _session.Run("imgfetch -q big");

        Assert.True(_session.Session.Images.Find("big")!.Content.Span.SequenceEqual(content));
        Assert.Equal(announced ? 1221 : 2048, _session.Platform.PagesInUse);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5_000_000)]
    [InlineData(60_000_000)]
    public void Download_OfUnknownSize_HoldsItsSizeAndOneStepAtMost(int size)
    {
        byte[] content = new byte[size];
        new Random(2).NextBytes(content);
        _session.Platform.Files["http://server/dir/big"] = content;
        _session.Platform.WithoutSize.Add("http://server/dir/big");
        _session.Platform.CanExtend = true;

        _session.Run("imgfetch -q big");

        Assert.True(_session.Session.Images.Find("big")!.Content.Span.SequenceEqual(content));
        Assert.InRange(_session.Platform.MostPagesInUse * Platform.PageSize, size, Math.Max((long)PageBuffer.FirstCapacity, size + (long)PageBuffer.LargestStep) + (3 * Platform.PageSize));
    }

    [Fact]
    public void Download_WithoutMemory_NamesTheSize()
    {
        _session.Platform.PageLimit = 10;
        _session.Platform.Files["http://server/dir/big"] = new byte[100_000];

        _session.Run("imgfetch -q big");

        Assert.Equal("boot.ipxe:2: imgfetch: not enough memory: 100.0 KiB in one piece\n", Output);
    }

    [Fact]
    public void Progress_ShowsPercentRateAndTimeLeft_InPlace_AndLeavesASummary()
    {
        _session.Platform.Files["http://server/dir/big"] = new byte[1_400_000];
        _session.Platform.OnPiece = download =>
        {
            _session.EventLoop.Advance(1000);
            _session.EventLoop.RunOnce();
        };

        _session.Run("imgfetch big");

        Assert.Contains("\rhttp://server/dir/big: ", Output);
        Assert.Matches(@"\d+% of 1\.3 MiB, \d+\.\d KiB/s, 1\.\d s left", Output);
        Assert.InRange(Output.Split('\r').Length - 1, 7, 9); // two seconds: one update each quarter, and the summary
        Assert.Equal("http://server/dir/big: 1.3 MiB in 2.0 s, 683.5 KiB/s", _session.Terminal.Screen.TrimEnd());
    }

    private static byte[] Compress(Func<Stream, Stream> make, byte[] content)
    {
        MemoryStream stream = new();
        using (Stream compressing = make(stream))
        {
            compressing.Write(content);
        }

        return stream.ToArray();
    }

    [Fact]
    public void RetryingForEver_UsesConstantMemory()
    {
        List<long> pages = new();
        _session.Platform.OnPiece = _ => pages.Add(_session.Platform.PagesInUse);
        _session.EventLoop.MaximumTurns = 20_000;

        _session.Run(":retry\nset url second\ninitrd -q --name i ${url}\nimgfetch -q nosuch || imgfree i\nclear url\ngoto retry");

        Assert.True(pages.Count > 2000);
        Assert.All(pages, count => Assert.Equal(pages[0], count));
        Assert.Contains("interrupted", Output);
    }
}
