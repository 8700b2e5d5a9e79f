using System;
using System.Linq;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Pictures;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>The framebuffer console: text in the firmware's font, its place, what is behind it, and what goes on beside it.</summary>
[Collection("Firmware")]
public sealed unsafe class ScreenTests : IDisposable
{
    private const uint Back = 0x123456;
    private const uint Blue = 0x0000AA;

    private readonly SimulatedFirmware _firmware = new();
    private readonly FirmwareTerminal _terminal;
    private readonly FirmwarePlatform _platform;

    public ScreenTests()
    {
        _terminal = new FirmwareTerminal(_firmware.SystemTable);
        _platform = new FirmwarePlatform(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestService());
    }

    public void Dispose()
    {
        _terminal.Restore();
        _firmware.Dispose();
    }

    [Fact]
    public void Text_IsInTheFirmwaresFont_OnTheScreenAlone()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.Write("Hello,\n\tW\u00C3\u00B6rld");

        Assert.Equal((80, 25), (_terminal.Columns, _terminal.Rows));
        Assert.Equal(["Hello,", " W\u00F6rld", ""], screen.ReadText(0, 2, 80, 3));
        Assert.Equal("", _firmware.Console.Text);
    }

    [Fact]
    public void SerialConsole_GoesOnBesideTheScreen_WhoseTextIsNoLarger()
    {
        SimulatedConsole serial = SimulatedConsole.CreatePart(_firmware);
        SimulatedScreen screen = NewScreen((1024, 768));
        Assert.Null(Configure(1024, 768));

        _terminal.SetColours(_terminal.Palette.Selected);
        _terminal.MoveTo(5, 3);
        _terminal.Write("both");

        Assert.Equal((80, 25), (_terminal.Columns, _terminal.Rows));
        Assert.Equal("     both", screen.ReadText((1024 - 640) / 2, (768 - 475) / 2, 80, 25)[3]);
        Assert.Equal("both", serial.Text);
        Assert.Equal((9, 3, 0x4F), (serial.CursorColumn, serial.CursorRow, serial.Attribute));
        Assert.Equal("", _firmware.Console.Text);

        Assert.Null(Configure(0, 0));
        _terminal.Write("text");
        Assert.Equal("text", _firmware.Console.Text);
        Assert.Equal("both", serial.Text);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void WithoutAScreenOrAFont_AllIsAccepted_AndTextStays(bool hasScreen, bool hasFont)
    {
        SimulatedScreen? screen = hasScreen ? new SimulatedScreen(_firmware, hasFont, (640, 480), (800, 600)) : null;

        Assert.Null(Configure(9999, 9999));
        _terminal.Write("text");

        Assert.Equal("text", _firmware.Console.Text);
        Assert.Equal((80, 25), (_terminal.Columns, _terminal.Rows));
        Assert.False(_terminal.Palette.HasPicture);
        Assert.Equal(0u, screen?.Mode ?? 0);
    }

    [Theory]
    [InlineData(640, 480, 0, 1)]
    [InlineData(641, 1, 0, 2)]
    [InlineData(800, 600, 32, 2)]
    [InlineData(1, 601, 0, 0)]
    [InlineData(800, 600, 33, -1)]
    [InlineData(1025, 768, 0, -1)]
    public void Mode_IsTheSmallestThatHasWhatIsWanted(int width, int height, int depth, int expected)
    {
        SimulatedScreen screen = NewScreen((1024, 768), (640, 480), (800, 600), (800, 600));
        screen.SetFormat(2, new EFI_PIXEL_BITMASK { RedMask = 0xFF0000, GreenMask = 0xFF00, BlueMask = 0xFF, ReservedMask = 0xFF000000 });
        screen.SetFormat(0, new EFI_PIXEL_BITMASK { RedMask = 0xF800, GreenMask = 0x7E0, BlueMask = 0x1F });

        Error? error = Configure(width, height, depth);

        Assert.Equal((uint)Math.Max(expected, 0), screen.Mode);
        string? message = expected >= 0 ? null : "the screen has no such mode; its largest is 1024 x 768";
        Assert.Equal(message, error?.Message);
        _terminal.Write("x");
        Assert.Equal(expected >= 0 ? "" : "x", _firmware.Console.Text);
    }

    [Fact]
    public void Depth_OfAModeIsWhatItsMasksSay()
    {
        SimulatedScreen screen = NewScreen((1024, 768), (640, 480));
        screen.SetFormat(1, new EFI_PIXEL_BITMASK { RedMask = 0xF800, GreenMask = 0x7E0, BlueMask = 0x1F });

        Assert.Null(Configure(640, 480, 16));
        Assert.Equal(1u, screen.Mode);
        Assert.Null(Configure(640, 480, 17));
        Assert.Equal(0u, screen.Mode);
    }

    [Theory]
    [InlineData(1024, 768, 0, 0, 0, 0, "128 x 40 at 0, 4")]
    [InlineData(1024, 768, 32, 32, 32, 48, "120 x 36 at 32, 34")]
    [InlineData(1024, 768, 33, 0, 0, 1, "123 x 40 at 36, 3")]
    [InlineData(800, 600, 32, 32, 32, 48, "92 x 27 at 144, 119")]
    [InlineData(800, 600, 0, 32, 32, 0, "110 x 34 at 0, 119")]
    [InlineData(1024, 768, 1000, 1000, 0, 0, null)]
    [InlineData(1024, 768, 352, 352, 0, 0, "40 x 40 at 352, 4")]
    [InlineData(1024, 768, 352, 353, 0, 0, null)]
    [InlineData(1024, 768, 0, 0, 289, 290, null)]
    public void Margins_AreThoseOfAScreenOfTheWantedSize(int width, int height, int left, int right, int top, int bottom, string? expected)
    {
        SimulatedScreen screen = NewScreen((1024, 768));
        Error? error = _terminal.Configure(
            new ScreenRequest { Width = width, Height = height, Left = left, Right = right, Top = top, Bottom = bottom }, _platform, NewLoop());

        if (expected is null)
        {
            Assert.Matches("^the margins leave room for [0-9]+ x [0-9]+ characters; 40 x 10 are needed$", error?.Message);
            return;
        }

        Assert.Null(error);
        _terminal.Write("x");
        Assert.Equal(expected.Split(" at ")[0], $"{_terminal.Columns} x {_terminal.Rows}");
        int[] place = [.. expected.Split(" at ")[1].Split(", ").Select(int.Parse)];
        Assert.Equal("x", screen.ReadText(place[0], place[1], 1, 1)[0]);
    }

    [Fact]
    public void Picture_IsBehindTheText_UnlessItsColoursSayOtherwise()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480, picture: PngSample.File(320, 240, 8, 2, (_, _, channel) => (int)(Back >> (16 - 8 * channel) & 0xFF))));

        Assert.True(_terminal.Palette.HasPicture);
        Assert.Equal((0u, Back, Back, 0u), (screen[159, 120], screen[160, 120], screen[479, 359], screen[480, 359]));

        _terminal.MoveTo(30, 10);
        _terminal.Write("x\x1B[44my\x1B[31;48;2;1;2;3mz\x1B[0m \x1B[1;33mb");

        Assert.Equal("xyz b", screen.ReadText(240, 192, 5, 1)[0]);
        Assert.Equal((0xAAAAAAu, Back), (screen[240, 195], screen[240, 196]));
        Assert.Equal((0xAAAAAAu, Blue), (screen[248, 195], screen[248, 196]));
        Assert.Equal((0xAA0000u, 0x010203u), (screen[256, 195], screen[256, 196]));
        Assert.Equal((0xFFFF55u, Back), (screen[272, 195], screen[272, 196]));

        _terminal.SetColours(TextColours.Usual);
        _terminal.Clear();
        Assert.Equal((Back, Back), (screen[248, 196], screen[256, 196]));
    }

    [Fact]
    public void ExactColours_AreBrightToo()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.Write("\x1B[1;38;2;16;32;48mx");

        Assert.Equal(0x557575u, screen[0, 2 + 3]);
    }

    [Fact]
    public void Clear_FillsTheTextsPlace_AndLeavesTheMargins()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.SetColours(_terminal.Palette.Screen);
        _terminal.ShowCursor(false);
        _terminal.Clear();

        Assert.Equal((0u, Blue, Blue, 0u), (screen[0, 1], screen[0, 2], screen[639, 476], screen[639, 477]));
    }

    [Fact]
    public void Lines_BeyondTheLast_Scroll_AndOnlyWhatChangesIsDrawn()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480, picture: PngSample.File(640, 480, 8, 0, (x, y, _) => (x + y) & 0x7F)));
        for (int i = 0; i < 30; i++)
        {
            _terminal.Write($"line {i}\n");
        }

        Assert.Equal([.. Enumerable.Range(6, 24).Select(i => $"line {i}"), ""], screen.ReadText(0, 2, 80, 25));
        Assert.Equal(0x010101u * ((2 + 19 * 20 + 4) & 0x7F), screen[0, 2 + 19 * 20 + 4]);

        screen.DrawnPixels = 0;
        _terminal.Write("line 30\n");
        Assert.InRange(screen.DrawnPixels, 1, 26 * 10 * 8 * 19);
    }

    [Fact]
    public void Text_WrapsAtTheEdge_AndAWideCharacterIsNotCut()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.Write(new string('a', 80));
        _terminal.Write(new string('b', 79) + "\u00E6\u00BC\u00A2c");

        string[] text = screen.ReadText(0, 2, 80, 4);
        Assert.Equal(new string('a', 80), text[0]);
        Assert.Equal(new string('b', 79), text[1]);
        Assert.StartsWith("\u6F22", text[2]);
        Assert.EndsWith("c", text[2]);
        Assert.Equal(3, text[2].Length);
    }

    [Fact]
    public void Characters_ThatTheFontLacks_ShowAsAnother()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.Write("a\u00EE\u0080\u0080\u00EE\u0080\u0081b");

        Assert.Equal("a\uFFFD?b", screen.ReadText(0, 2, 80, 1)[0]);
        screen.Glyphs.Clear();
        _terminal.Write("abba");
        Assert.Empty(screen.Glyphs);
    }

    [Fact]
    public void Cursor_IsBelowTheNextCharacter_WhileItIsVisible()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.Write("ab\b");
        Assert.Equal([8], CursorColumns());
        _terminal.MoveTo(3, 0);
        Assert.Equal([24], CursorColumns());
        _terminal.ShowCursor(false);
        Assert.Empty(CursorColumns());
        _terminal.Write("\r");
        _terminal.ShowCursor(true);
        Assert.Equal([0], CursorColumns());
        Assert.Equal("ab", screen.ReadText(0, 2, 80, 1)[0]);

        int[] CursorColumns() => [.. Enumerable.Range(0, 80).Select(column => column * 8).Where(x => screen[x, 2 + 18] != 0)];
    }

    [Fact]
    public void Frame_IsAroundWhatIsThere()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        Assert.Null(Configure(640, 480));

        _terminal.MoveTo(3, 2);
        _terminal.Write("...");
        _terminal.DrawFrame(2, 6, _terminal.Palette.Separator);

        string[] text = screen.ReadText(0, 2, 80, 8);
        Assert.Equal("\u250C\u2500\u2500..." + new string('\u2500', 73) + "\u2510", text[2]);
        Assert.Equal("\u2502" + new string(' ', 78) + "\u2502", text[3]);
        Assert.Equal("\u2514" + new string('\u2500', 78) + "\u2518", text[6]);
        Assert.Equal("", text[7]);
    }

    [Fact]
    public void Menu_OnTheScreen_IsFramed()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        NetBoot.Boot.App.Session session = new(_platform, _terminal, NewLoop(), new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)));
        string[] text = [];
        _firmware.Surroundings = () =>
        {
            if (text.Length == 0 && screen.ReadText(0, 2, 80, 25) is { } shown && shown[24].Contains("Esc"))
            {
                text = shown;
                _firmware.Console.Type("\x03");
            }
        };

        session.Interpreter.RunLine("console --x 640 --y 480 && menu Title && item a Alpha && item b Beta && choose x");

        Assert.Equal("Title", text[1].Trim());
        Assert.Equal("\u250C" + new string('\u2500', 78) + "\u2510", text[2]);
        Assert.Equal("\u2502  Alpha", text[3].TrimEnd('\u2502').TrimEnd());
        Assert.Equal("\u2514" + new string('\u2500', 78) + "\u2518", text[23]);
        session.Dispose();
    }

    [Fact]
    public void Restore_LeavesModeColoursAndMemoryAsTheyWere()
    {
        SimulatedScreen screen = NewScreen((1024, 768), (640, 480));
        Footprint before = new(_firmware);
        Assert.Null(Configure(640, 480, picture: PngSample.File(8, 8, 8, 0, (_, _, _) => 1)));
        Assert.Null(Configure(1024, 768, picture: PngSample.File(8, 8, 8, 0, (_, _, _) => 1)));
        Assert.Null(Configure(640, 480));
        _terminal.SetColours(_terminal.Palette.Screen);
        _terminal.ShowCursor(false);

        _terminal.Restore();

        Assert.Equal(0u, screen.Mode);
        Assert.Equal(7, _firmware.Console.Attribute);
        _terminal.Write("text");
        Assert.Equal("text", _firmware.Console.Text);
        _terminal.SetColours(_terminal.Palette.Screen);
        Assert.Equal(0x17, _firmware.Console.Attribute);
        _terminal.Restore();
        before.ExpectUnchanged("the screen");
    }

    [Fact]
    public void Request_ThatFails_LeavesTheScreenAsItWas()
    {
        SimulatedScreen screen = NewScreen((640, 480), (1024, 768));
        byte[] picture = PngSample.File(640, 480, 8, 0, (_, _, _) => 5);
        Assert.Null(Configure(640, 480, picture: picture));
        _terminal.Write("still");

        Assert.NotNull(Configure(1920, 1080));
        Assert.Equal("p.png: pixels: fewer pixels than its size says", Configure(1024, 768, picture: BadPicture())?.Message);

        Assert.Equal("still", screen.ReadText(0, 2, 80, 1)[0]);
        Assert.Equal((0u, 0x050505u), (screen.Mode, screen[639, 479]));
        Assert.True(_terminal.Palette.HasPicture);
    }

    [Fact]
    public void Mode_ThatCannotBeSet_GivesTheScreenBack()
    {
        NewScreen((640, 480), (1024, 768));
        int sets = 0;
        _firmware.Intercept = member => member.EndsWith("PROTOCOL.SetMode") && sets++ == 0 ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;

        Assert.Equal("the firmware cannot set the screen to 1024 x 768 pixels: Device Error", Configure(1024, 768)?.Message);
        _terminal.Write("text");

        Assert.Equal("text", _firmware.Console.Text);
    }

    [Fact]
    public void Memory_ThatIsNotThere_IsToldAndLeavesNothing()
    {
        SimulatedScreen screen = NewScreen((640, 480), (1024, 768));
        Footprint before = new(_firmware);
        byte[] picture = PngSample.File(8, 8, 8, 0, (_, _, _) => 1);
        int left = 0;
        while (true)
        {
            _firmware.AllocationsLeft = left++;
            Error? error = Configure(1024, 768, picture: picture);
            _firmware.AllocationsLeft = int.MaxValue;
            if (error is null)
            {
                break;
            }

            Assert.Equal(0u, screen.Mode);
            before.ExpectUnchanged($"failing at allocation {left}");
        }

        Assert.InRange(left, 3, 100);
    }

    [Fact]
    public void Picture_IsDecodedByTheFirmware_WhereItCan()
    {
        SimulatedScreen screen = NewScreen((640, 480));
        SimulatedDecoder decoder = new(_firmware) { Picture = (8, 8, Back) };
        byte[] picture = PngSample.File(8, 8, 8, 0, (_, _, _) => 1);

        Assert.Null(Configure(640, 480, picture: picture));
        Assert.Equal(Back, screen[320, 240]);

        decoder.Picture = (9, 8, Back);
        Assert.Null(Configure(640, 480, picture: picture));
        Assert.Equal(0x010101u, screen[320, 240]);

        decoder.Picture = (8, 8, Back);
        decoder.Status = EFI_STATUS.EFI_UNSUPPORTED;
        Assert.Null(Configure(640, 480, picture: picture));
        Assert.Equal(0x010101u, screen[320, 240]);
        Assert.Equal(3, decoder.Count);

        decoder.KnowsPng = false;
        Assert.Null(Configure(640, 480, picture: picture));
        Assert.Equal(3, decoder.Count);
    }

    private sealed class TestService : FaultDomain
    {
        public override string Name => "test";
    }

    private static byte[] BadPicture() =>
        [.. PngSample.Signature, .. PngSample.Header(2, 2), .. PngSample.Chunk("IDAT", PngSample.Compress(new byte[13])), .. PngSample.End];

    private SimulatedScreen NewScreen(params (int Width, int Height)[] modes) => new(_firmware, hasFont: true, modes);

    private FirmwareEventLoop NewLoop() => new(_terminal, new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)));

    private Error? Configure(int width, int height, int depth = 0, byte[]? picture = null)
    {
        fixed (byte* content = picture)
        {
            PngFile? file = null;
            if (picture is not null)
            {
                Assert.Null(PngFile.Parse("p.png", content, (ulong)picture.Length, out file));
            }

            return _terminal.Configure(new ScreenRequest { Width = width, Height = height, Depth = depth, Picture = file }, _platform, NewLoop());
        }
    }
}
