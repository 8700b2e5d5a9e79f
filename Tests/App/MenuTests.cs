using System;
using System.Diagnostics;
using System.Linq;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Menus;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>menu, item and choose: what they accept, what the screen shows, what keys do.</summary>
public sealed class MenuTests : IDisposable
{
    private const string Three = "menu Title\nitem a Alpha\nitem --gap -- A gap\nitem b Beta\nitem c Gamma\n";

    private TestSession _session = new();

    private TestTerminal Terminal => _session.Terminal;

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("\r", "a")]
    [InlineData("\n", "a")]
    [InlineData("<D>\r", "b")]
    [InlineData("<D><D>\r", "c")]
    [InlineData("<D><D><D>\r", "c")]
    [InlineData("<U>\r", "a")]
    [InlineData("\t\t\t\r", "a")]
    [InlineData("<E>\r", "c")]
    [InlineData("<E><H>\r", "a")]
    [InlineData("<N>\r", "c")]
    [InlineData("<N><P>\r", "a")]
    [InlineData("g\r", "c")]
    [InlineData("B\r", "b")]
    [InlineData("x\r", "a")]
    [InlineData("/am\r", "c")]
    [InlineData("/AM\r", "c")]
    [InlineData("/a<D>\r", "b")]
    [InlineData("/zz\r\b\b\r", "a")]
    [InlineData("/e<X>\r", "b")]
    [InlineData("/e\b\b<E>\r", "c")]
    [InlineData("/gap\r\x15\r", "c")]
    public void Keys_ChooseAnItem(string keys, string expected)
    {
        Press(keys);

        Assert.True(_session.Run(Three + "choose x").IsSuccess);

        Assert.Equal(expected, _session.Expand("${x}"));
        Assert.Empty(Terminal.ScreenKeys);
        Assert.All(Terminal.Visible, line => Assert.Equal("", line));
        Assert.Equal(TextColours.Usual, Terminal.Colours);
        Assert.True(Terminal.IsCursorVisible);
    }

    [Theory]
    [InlineData("<X>")]
    [InlineData("\x03")]
    [InlineData("\x1B")]
    [InlineData("<D>/a\x03")]
    public void EscAndControlC_GiveUp_AndLeaveTheSetting(string keys)
    {
        Press(keys);

        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run("set x old\n" + Three + "choose x"));

        Assert.Equal("old", _session.Expand("${x}"));
        Assert.EndsWith("boot.ipxe:8: choose: cancelled\n", _session.Output);
    }

    [Fact]
    public void Cancelled_WhenTheScriptCatchesIt_PrintsNothing()
    {
        Press("<X>");

        Assert.True(_session.Run(Three + "choose x || goto end\n:end").IsSuccess);

        Assert.DoesNotContain("cancelled", _session.Output);
    }

    [Theory]
    [InlineData("item --key x a A\nitem --key y b B", "y", "b")]
    [InlineData("item --key x a A\nitem --key X b B", "X", "b")]
    [InlineData("item --key 0x79 a A\nitem b B", "y", "a")]
    [InlineData("item a A\nitem --key 0x147e b F8", "<8>", "b")]
    [InlineData("item a A\nitem --key 0x110141 b Up", "<U>", "b")]
    [InlineData("item --key x a A\nitem --key x b B", "<D>x", "b")]
    [InlineData("item --key x a A\nitem --key x b B\nitem c C", "<E>x", "a")]
    [InlineData("item a A\nitem --gap --key s Systems\nitem b B", "s\r", "b")]
    [InlineData("item a A\nitem b B\nitem --gap --key s -- Systems", "s\r", "b")]
    [InlineData("item a A\nitem --key / b B", "/", "b")]
    [InlineData("item a 1. One\nitem b (2) Two\nitem c [3] Three", "3\r", "c")]
    [InlineData("item a Debian\nitem b   Debian\nitem c Devuan", "dd\r", "c")]
    [InlineData("item a Debian\nitem b Fedora\nitem c Devuan", "dd\r", "a")]
    [InlineData("item --key d a Arch\nitem b Debian", "d", "a")]
    public void Shortcuts_ChooseAtOnce_AndLettersSelect(string items, string keys, string expected)
    {
        Press(keys);

        _session.Run("menu T\n" + items + "\nchoose x");

        Assert.Equal(expected, _session.Expand("${x}"));
    }

    [Theory]
    [InlineData("item a A\nitem b B", "choose --default b x", "b")]
    [InlineData("item a A\nitem --default b B", "choose x", "b")]
    [InlineData("item a A\nitem --default b B\nitem --default c C", "choose x", "c")]
    [InlineData("item a A\nitem --default b B", "choose --default a x", "a")]
    [InlineData("item a A\nitem --default b B", "choose --default nosuch x", "a")]
    [InlineData("item a A\nitem --default b B", "choose --default ${} x", "a")]
    [InlineData("item a A\nitem a Again\nitem b B", "choose --default a x ; set y ${x}", "a")]
    [InlineData("item --gap --default G\nitem a A", "choose x", "a")]
    [InlineData("item ${} Empty\nitem b B", "set x old ; choose x", "")]
    [InlineData("item a", "choose x", "a")]
    [InlineData("item\nitem a  A   b", "choose x", "a")]
    [InlineData("item 12 Twelve", "choose x:int32", "12")]
    [InlineData("item a A", "choose scope.of/x ; set x ${scope.of/x}", "a")]
    public void Default_IsWhatIsAskedFor(string items, string line, string expected)
    {
        Press("\r");

        _session.Run("menu T\n" + items + "\n" + line);

        Assert.Equal(expected, _session.Expand("${x}"));
    }

    [Theory]
    [InlineData("item a A", "boot.ipxe:2: item: there is no menu or form\n")]
    [InlineData("choose x", "boot.ipxe:2: choose: there is no menu or form\n")]
    [InlineData("choose x ||", "boot.ipxe:2: choose: there is no menu or form\n")]
    [InlineData("menu T\nitem --menu m a A", "boot.ipxe:3: item: no such menu or form: m\n")]
    [InlineData("menu --name m T\nitem a A", "boot.ipxe:3: item: there is no menu or form\n")]
    [InlineData("menu T\nchoose --menu m x", "boot.ipxe:3: choose: no such menu or form: m\n")]
    [InlineData("menu T\nchoose x", "boot.ipxe:3: choose: the menu has no item that can be chosen\n")]
    [InlineData("menu T\nitem --gap G\nitem\nchoose x", "boot.ipxe:5: choose: the menu has no item that can be chosen\n")]
    [InlineData("menu T\nitem --key F99 a A", "boot.ipxe:3: item: not a key: F99\n")]
    [InlineData("menu T\nitem a A\nchoose --timeout soon x", "boot.ipxe:4: choose: not a number: soon\n")]
    [InlineData("menu T\nitem a A\nchoose x:nosuch", "boot.ipxe:4: choose: x:nosuch: unknown type\n")]
    [InlineData("menu T\nmenu --delete\nitem a A", "boot.ipxe:4: item: there is no menu or form\n")]
    [InlineData("menu --delete T\nitem a A", "boot.ipxe:3: item: there is no menu or form\n")]
    [InlineData("menu --name m T\nmenu --name m --delete\nitem --menu m a A", "boot.ipxe:4: item: no such menu or form: m\n")]
    public void Mistake_IsNamedWithLineAndReason(string lines, string expected) => Assert.EndsWith(expected, TestSession.OutputOf(lines));

    [Theory]
    [InlineData("\r")]
    [InlineData("<X>")]
    public void Menu_IsGoneAfterChoose_UnlessItIsKept(string key)
    {
        Press(key);
        _session.Run(Three + "choose x ||\nchoose x");
        Assert.EndsWith("boot.ipxe:8: choose: there is no menu or form\n", _session.Output);

        Press(key + "\r");
        Assert.True(_session.Run(Three + "choose --keep x ||\nchoose x").IsSuccess);
    }

    [Fact]
    public void Menu_ThatCannotBeShown_IsGoneToo_ButNotForABadOption()
    {
        _session.Run("menu T\nchoose x ||\nitem a A");
        Assert.EndsWith("boot.ipxe:4: item: there is no menu or form\n", _session.Output);
        Assert.True(_session.Run("menu T\nchoose --timeout no x ||\nitem a A").IsSuccess);
    }

    [Fact]
    public void NamedMenus_AreApart_AndMadeAnewByTheirName()
    {
        Press("\r\r");

        _session.Run("menu --name m One\nmenu Two\nitem --menu m a A\nitem b B\nmenu --name m Three\nitem --menu m c C\nchoose --menu m x\nchoose y");

        Assert.Equal("c b", _session.Expand("${x} ${y}"));
    }

    [Fact]
    public void Timeout_CountsDown_AndChoosesWhatIsSelected()
    {
        ulong started = _session.EventLoop.Now;
        string shown = "";
        Terminal.NextKey = () =>
        {
            string? left = Terminal.InColours(Terminal.Palette.Selected).FirstOrDefault();
            shown += left is not null && !shown.EndsWith(left) ? left : "";
            return null;
        };

        _session.Run("menu T\nitem a A\nitem b Beta\nchoose --default b --timeout 2500 x");

        Assert.Equal("b", _session.Expand("${x}"));
        Assert.InRange(_session.EventLoop.Now - started, 2_500_000UL, 2_600_000UL);
        Assert.Equal("Beta(3)Beta(2)Beta(1)", shown.Replace(" ", ""));
    }

    [Theory]
    [InlineData("choose --timeout 1000 x", 0UL)] // A key stops it.
    [InlineData("choose --timeout 1000 --retimeout 3000 x", 3_000_000UL)]
    [InlineData("choose --retimeout 500 x", 500_000UL)]
    public void Key_StopsTheTimeout_OrSetsTheOther(string line, ulong expected)
    {
        Press("<D>");
        ulong stopped = 0;
        _session.EventLoop.MaximumTurns = 10_000;
        Terminal.NextKey = () =>
        {
            stopped = stopped == 0 ? _session.EventLoop.Now : stopped;
            return null;
        };

        _session.Run("menu T\nitem a A\nitem b B\n" + line + " || goto end\n:end");

        Assert.Equal(expected == 0 ? "" : "b", _session.Expand("${x}"));
        Assert.InRange(_session.EventLoop.Now - stopped, expected, expected == 0 ? 11_000_000 : expected + 20_000);
    }

    [Fact]
    public void Screen_ShowsTitleItemsAndTheSelection()
    {
        string[] screen = Watch(Three + "choose --default b x");

        Assert.Equal(new string(' ', 37) + "Title", screen[1]);
        Assert.Equal("   Alpha", screen[3]);
        Assert.Equal("   A gap", screen[4]);
        Assert.Equal("   Beta", screen[5]);
        Assert.Equal("   Gamma", screen[6]);
        Assert.Equal("", screen[7]);
        Assert.Equal(" Enter: choose   Esc: cancel   /: search", screen[24]);
        Assert.Equal(["Beta"], Terminal.InColours(Terminal.Palette.Selected));
        Assert.Equal(["Title"], Terminal.InColours(Terminal.Palette.Title));
        Assert.Contains("A gap", Terminal.InColours(Terminal.Palette.Separator));
        Assert.False(Terminal.IsCursorVisible);
    }

    [Fact]
    public void Filter_ShowsWhatMatches_AndWhatWasTyped()
    {
        Press("/bet");
        string[] screen = Watch(Three + "choose x");

        Assert.Equal("   Beta", screen[3]);
        Assert.All(screen[4..24], line => Assert.Equal("", line));
        Assert.Equal(" Search: bet", screen[24]);
    }

    [Fact]
    public void Filter_WithoutAMatch_SaysSo()
    {
        Press("/betz\r<D>x");
        string[] screen = Watch(Three + "choose x");

        Assert.All(screen[3..24], line => Assert.Equal("", line));
        Assert.Equal(" No item has this in it: betzx", screen[24]);
    }

    [Fact]
    public void LongTitle_IsWrapped_AndLongItemsAreCut()
    {
        string title = string.Join(' ', Enumerable.Repeat("word", 30));
        string[] screen = Watch($"menu {title}\nitem a {new string('x', 200)}\nchoose x");

        Assert.Equal(title, string.Join(' ', screen[1..3].Select(line => line.Trim())));
        Assert.Equal("   " + new string('x', 74), screen[4]);
        Assert.Equal("", screen[5]);
        Assert.All(Watch($"menu {new string('t', 2000)}\nitem a A\nchoose x")[1..5], line => Assert.Equal(new string('t', 78), line.Trim()));
    }

    [Fact]
    public void EscapesAndUtf8_TakeTheRoomThatTheyShow()
    {
        _session.Run("set esc:hex 1b");
        string[] screen = Watch(
            "menu ${esc:string}[1mT\u00C3\u00AFtle${esc:string}[0m\nitem a ${esc:string}[31mR\u00C3\u00A9d${esc:string}[0m end\nitem b ${esc:string}[31\nitem c C\nchoose --default c x");

        Assert.Equal(new string(' ', 37) + "T\u00EFtle", screen[1]);
        Assert.Equal("   R\u00E9d end", screen[3]);
        Assert.Equal("", screen[4]);
        Assert.Equal("   C", screen[5]);
        Assert.Equal(["R\u00E9d"], Terminal.InColours(Terminal.Palette.Screen with { Foreground = 1 }));
        Assert.Equal(["C"], Terminal.InColours(Terminal.Palette.Selected));
    }

    [Fact]
    public void ControlCharactersInTexts_AreBlanks()
    {
        _session.Run("set nl:hex 0a:0d:08:09\nset t A${nl:string}B");

        Assert.Equal("   A    B", Watch("menu T\nitem a ${t}\nchoose x")[3]);
    }

    [Theory]
    [InlineData(80, 25)]
    [InlineData(100, 31)]
    [InlineData(240, 67)]
    [InlineData(40, 10)]
    public void Console_OfAnySize_IsUsedToItsEdges(int columns, int rows)
    {
        _session = new TestSession(columns, rows);
        Press("<E>");
        string[] screen = Watch($"menu T\n{Items(200)}choose x");

        Assert.Equal("   ...", screen[2]);
        Assert.Contains("   Item 199", screen);
        Assert.Equal("", screen[rows - 2]);
        Assert.Equal(columns / 2, screen[1].Length);
        Assert.Equal(["Item 199"], Terminal.InColours(Terminal.Palette.Selected));
    }

    [Fact]
    public void Pages_FollowTheSelection()
    {
        Press("<N>");
        string[] screen = Watch($"menu T\n{Items(50)}choose x");
        Assert.Equal("   Item 20", screen[3]);
        Assert.Equal("   Item 39", screen[22]);
        Assert.Equal("   ...", screen[23]);
        Assert.Equal(["Item 20"], Terminal.InColours(Terminal.Palette.Selected));

        Press("<N><N><N><U>");
        screen = Watch($"menu T\n{Items(50)}choose x");
        Assert.Equal("   Item 40", screen[3]);
        Assert.Equal("   Item 49", screen[12]);
        Assert.Equal("", screen[13]);
        Assert.Equal("", screen[23]);
        Assert.Equal(["Item 48"], Terminal.InColours(Terminal.Palette.Selected));
    }

    [Fact]
    public void MovingTheSelection_SendsLittleToASerialLine()
    {
        // At 115,200 baud and 30 keys a second there are 384 bytes for each.
        const int Budget = 384;
        long moved = BytesOf("<D>", $"menu T\nitem a {new string('x', 200)}\nitem b {new string('y', 200)}\nchoose x");
        long movedShort = BytesOf("<D>", $"menu T\n{Items(50)}choose x");
        long page = BytesOf("<N>", $"menu T\n{Items(50)}choose x");
        long ignored = BytesOf("<F>", $"menu T\n{Items(50)}choose x");

        Assert.InRange(moved, 1, Budget);
        Assert.InRange(movedShort, 1, 80);
        Assert.InRange(page, 1, 2 * Budget);
        Assert.Equal(0, ignored);
    }

    [Fact]
    public void Menu_Of500Items_OpensAtOnce_And100000WithoutQuadraticTime()
    {
        Press("<E>\r");
        Stopwatch watch = Stopwatch.StartNew();
        _session.Run($"menu T\n{Items(500)}choose x");
        Assert.Equal("i499", _session.Expand("${x}"));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 1000);

        Press("<E>/99999<D><H>\r");
        watch.Restart();
        _session.Run($"menu T\n{Items(100_000)}choose x");
        Assert.Equal("i99999", _session.Expand("${x}"));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 20_000);
    }

    [Fact]
    public void Menus_ThatNeverEnd_AreBounded()
    {
        string filler = new('x', 10_000);
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _session.Run($"menu T\n:more\nitem a {filler}\ngoto more"));
        Assert.EndsWith("boot.ipxe:4: item: no room for more items\n", _session.Output);

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _session.Run("set i:int32 0\nmenu --delete\n:more\ninc i\nmenu --name m${i} T\ngoto more"));
        Assert.EndsWith("boot.ipxe:6: menu: no room for more menus\n", _session.Output);
        Assert.Equal($"{MenuRegistry.MaximumMenus + 1}", _session.Expand("${i}"));
    }

    private static string Items(int count)
    {
        StringBuilder items = new();
        for (int i = 0; i < count; i++)
        {
            items.Append($"item i{i} Item {i}\n");
        }

        return items.ToString();
    }

    /// <summary>Runs a script with the keys that were pressed, and gives the screen when there are no more; it stays, and the menu is given up.</summary>
    private string[] Watch(string lines)
    {
        Terminal.IsFrozen = false;
        Terminal.NextKey = () =>
        {
            Terminal.IsFrozen = true;
            return new Key(Key.ControlC);
        };
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run(lines));
        return Terminal.Visible;
    }

    /// <summary>The bytes that a key costs once a menu is shown.</summary>
    private long BytesOf(string key, string lines)
    {
        long bytes = 0;
        int asked = 0;
        Terminal.NextKey = () =>
        {
            switch (asked++)
            {
                case 0:
                    Press(key);
                    Terminal.SerialBytes = 0;
                    return null;
                case 1:
                    bytes = Terminal.SerialBytes;
                    break;
            }

            return new Key(Key.ControlC);
        };
        _session.Run(lines);
        return bytes;
    }

    private void Press(string keys) => Terminal.Press(keys);
}
