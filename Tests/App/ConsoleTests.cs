using System;
using System.Linq;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>console, colour and cpair: what they accept, and what screens are drawn in then.</summary>
public sealed class ConsoleTests : IDisposable
{
    private static readonly byte[] s_picture = PngSample.File(640, 480, 8, 0, (_, _, _) => 1);

    private readonly TestSession _session = new();

    private Palette Palette => _session.Terminal.Palette;

    public ConsoleTests()
    {
        _session.Platform.Files["http://server/dir/back.png"] = s_picture;
        _session.Platform.AddFile("http://server/dir/text.png", "<html>404</html>");
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("console", "text")]
    [InlineData("console --x 1024", "text")]
    [InlineData("console --left 32", "text")]
    [InlineData("console --x 1024 --y 768", "1024 x 768, 0 bits, 0 0 0 0")]
    [InlineData("console -x 0x400 -y 768 -l 1 -r 2 -t 3 -b 4 -d 24", "1024 x 768, 24 bits, 1 2 3 4")]
    [InlineData("console --left=10 --right=20 --top=30 --bottom=40 --depth=32 --y=1 --x=2", "2 x 1, 32 bits, 10 20 30 40")]
    [InlineData("console --picture back.png", "640 x 480, 0 bits, 0 0 0 0 before 640 x 480")]
    [InlineData("console -p back.png --x 800 --y 600 --keep", "800 x 600, 0 bits, 0 0 0 0 before 640 x 480")]
    [InlineData("console --picture back.png --y 600", "640 x 600, 0 bits, 0 0 0 0 before 640 x 480")]
    [InlineData("console --x 99999999999 --y 1", "1048576 x 1, 0 bits, 0 0 0 0")]
    public void Console_WantsTheScreenThatItsOptionsSay(string line, string expected)
    {
        Assert.True(_session.Run(line).IsSuccess, _session.Output);

        Assert.Equal([expected], _session.Terminal.Requests);
        Assert.Equal("", _session.Terminal.Visible[0]);
        Assert.Equal(line.Contains("--keep") ? "back.png" : null, _session.Session.Images.First?.Name);
    }

    [Fact]
    public void Picture_OfAnImageThatIsThere_IsNotFetchedAgain_AndStaysOnlyIfItIsToldTo()
    {
        _session.Run("imgfetch --name b back.png\nconsole --keep --picture b\nconsole --picture b");

        Assert.Equal(2, _session.Terminal.Requests.Count);
        Assert.Single(_session.Platform.Fetched);
        Assert.Null(_session.Session.Images.First);
    }

    [Theory]
    [InlineData("console --picture text.png", "text.png: byte 0: not a PNG picture")]
    [InlineData("console --picture none.png", "http://server/dir/none.png: file not found")]
    [InlineData("console --x ten --y 10", "not a number: ten")]
    [InlineData("console --x 10 --y -10", "option needs a value: --y")]
    [InlineData("console --x 10 --picture", "option needs a value: --picture")]
    [InlineData("console 1024 768", "unexpected argument: 1024")]
    public void Console_ThatIsWrong_SaysWhy_AndLeavesTheScreen(string line, string expected)
    {
        Assert.False(_session.Run(line).IsSuccess);

        Assert.EndsWith($"boot.ipxe:2: console: {expected}\n", _session.Output);
        Assert.Empty(_session.Terminal.Requests);
        Assert.Null(_session.Session.Images.First);
    }

    [Fact]
    public void Screen_ThatCannot_FailsTheCommand_SoThatTheScriptMayTryAnother()
    {
        _session.Terminal.RequestError = new Error(EFI_STATUS.EFI_NOT_FOUND, "the screen has no such mode");

        Assert.False(_session.Run("console --picture back.png || console --x 640 --y 480").IsSuccess);

        Assert.Equal(2, _session.Terminal.Requests.Count);
        Assert.Contains("console: the screen has no such mode\n", _session.Output);
        Assert.Null(_session.Session.Images.First);
    }

    [Fact]
    public void Colours_AreIpxes()
    {
        AssertPairs("9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!");
    }

    [Theory]
    [InlineData("cpair --foreground 3 --background 2 0", "3/2", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!")]
    [InlineData("cpair -f 1 1", "9/9", "1/9", "1/9!", "7/1!", "6/4", "0/6", "7/1!")]
    [InlineData("cpair 2", "9/9", "7/4", "7/4!", "9/9!", "6/4", "0/6", "7/1!")]
    [InlineData("cpair --background 8 2", "9/9", "7/4", "7/4!", "9/9!", "6/4", "0/6", "7/1!")]
    [InlineData("cpair --foreground 4 --background 7 5", "9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "4/7!")]
    [InlineData("colour --basic 1 7", "9/9", "1/4", "1/4!", "1/1!", "6/4", "0/6", "1/1!")]
    [InlineData("colour 7", "9/9", "9/4", "9/4!", "9/1!", "6/4", "0/6", "9/1!")]
    [InlineData("colour -b 8 7", "9/9", "9/4", "9/4!", "9/1!", "6/4", "0/6", "9/1!")]
    [InlineData("colour --basic 15 7", "9/9", "4/4", "4/4!", "4/1!", "6/4", "0/6", "4/1!")]
    [InlineData("colour --basic 4 --rgb 0x102030 4", "9/9", "7/4#102030", "7/4#102030!", "7/1!", "6/4#102030", "0/6", "7/1!")]
    [InlineData("colour --rgb 0xff0000 --basic 7 7", "9/9", "7#FF0000/4", "7#FF0000/4!", "7#FF0000/1!", "6/4", "0/6", "7#FF0000/1!")]
    [InlineData("colour --rgb 0x1000000 --basic 7 7", "9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!")]
    public void Definition_ChangesWhatScreensAreDrawnIn(string line, params string[] expected)
    {
        Assert.True(_session.Run(line).IsSuccess, _session.Output);

        AssertPairs(expected);
    }

    [Fact]
    public void Picture_ShowsThroughWhereScreensWereBlue()
    {
        _session.Run("console --picture back.png");
        AssertPairs("9/9", "7/9", "7/9!", "7/1!", "6/9", "0/6", "7/1!");

        _session.Run("console");
        AssertPairs("9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!");

        _session.Run("colour --basic 4 4\nconsole --picture back.png");
        AssertPairs("9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!");
    }

    [Theory]
    [InlineData("colour --basic 1 8", "colour: there is no colour 8: they are 0 to 7")]
    [InlineData("cpair --foreground 1 8", "cpair: there is no cpair 8: they are 0 to 7")]
    [InlineData("colour --rgb red 1", "colour: not a number: red")]
    [InlineData("cpair one", "cpair: not a number: one")]
    [InlineData("colour", "colour: too few arguments")]
    public void Definition_ThatIsWrong_SaysWhy(string line, string expected)
    {
        Assert.False(_session.Run(line).IsSuccess);

        Assert.EndsWith($"boot.ipxe:2: {expected}\n", _session.Output);
        AssertPairs("9/9", "7/4", "7/4!", "7/1!", "6/4", "0/6", "7/1!");
    }

    [Fact]
    public void Text_HasTheNewColoursAtOnce_AndAfterAMenu()
    {
        _session.Terminal.Press("\r");

        _session.Run("cpair --foreground 2 --background 0 0\necho green\nmenu T\nitem a A\nchoose x\necho green again");

        Assert.Equal(["green again"], _session.Terminal.InColours(new TextColours(2, 0, false)));
        Assert.Equal(new TextColours(2, 0, false), _session.Terminal.Colours);
    }

    [Theory]
    [InlineData("\x1B[38;2;1;2;3m", "9#010203/9")]
    [InlineData("\x1B[48;2;1;2;300m", "9/9#0102FF")]
    [InlineData("\x1B[1;38;2;1;2;3;48;2;4;5;6m", "9#010203/9#040506!")]
    [InlineData("\x1B[38;2;1;2;3m\x1B[31m", "1/9")]
    [InlineData("\x1B[38;2;1;2;3;48;2;4;5;6m\x1B[39;49m", "9/9")]
    [InlineData("\x1B[38;2;1;2;3m\x1B[0m", "9/9")]
    [InlineData("\x1B[38;5;1;31m", "1/9")]
    [InlineData("\x1B[38;2;1;2m", "9/9")]
    [InlineData("\x1B[38m", "9/9")]
    [InlineData("\x1B[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;38;2;7;7;7m", "9/9!")]
    public void ExactColours_OfEscapeSequences_AreKept(string text, string expected)
    {
        EscapeSequences sequences = new();
        Assert.All(text, c => Assert.True(sequences.Take(c)));

        Assert.Equal(expected, Describe(sequences.Colours));
    }

    private static string Describe(TextColours colours) =>
        $"{colours.Foreground}{Exact(colours.ExactForeground)}/{colours.Background}{Exact(colours.ExactBackground)}{(colours.IsBright ? "!" : "")}";

    private static string Exact(uint colour) => colour == 0 ? "" : $"#{colour & 0xFFFFFF:X6}";

    private void AssertPairs(params string[] expected) => Assert.Equal(
        expected,
        new[] { Palette.Usual, Palette.Screen, Palette.Title, Palette.Selected, Palette.Separator, Palette.Field, Palette.Alert }.Select(Describe));
}
