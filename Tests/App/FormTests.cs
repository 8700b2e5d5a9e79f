using System;
using System.Linq;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>form, item, present and login: what the screen shows, what keys do, what is stored.</summary>
public sealed class FormTests : IDisposable
{
    private const string Two = "form Network\nitem hostname Host name\nitem --gap -- A gap\nitem x:int32 Number\n";

    private readonly TestSession _session = new();

    private TestTerminal Terminal => _session.Terminal;

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("box\r5\r", "box 5")]
    [InlineData("box\n5\n", "box 5")]
    [InlineData("box\t5\t!\b\x18", "box 5")]
    [InlineData("box<D>5<U>es<D>6\r", "boxes 56")]
    [InlineData("bx<L>o<E>\t5\r", "box 5")]
    [InlineData("box\x18", "box ")]
    [InlineData("\r\r", " ")]
    [InlineData("<N>7<P>a<F>\x18", "a 7")]
    [InlineData("abc def\x17x\x18", "abc x ")]
    public void Keys_EditTheFields_AndStoreThem(string keys, string expected)
    {
        Terminal.Press(keys);

        Assert.True(_session.Run(Two + "present").IsSuccess);

        Assert.Equal(expected, _session.Expand("${hostname} ${x}"));
        Assert.Empty(Terminal.ScreenKeys);
        Assert.All(Terminal.Visible, line => Assert.Equal("", line));
        Assert.Equal(TextColours.Usual, Terminal.Colours);
        Assert.True(Terminal.IsCursorVisible);
    }

    [Theory]
    [InlineData("a\x03")]
    [InlineData("a<X>")]
    [InlineData("a\x1B")]
    public void EscAndControlC_GiveUp_AndLeaveTheSettings(string keys)
    {
        Terminal.Press(keys);

        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run("set hostname old\n" + Two + "present"));

        Assert.Equal("old", _session.Expand("${hostname}"));
        Assert.EndsWith("boot.ipxe:7: present: cancelled\n", _session.Output);
    }

    [Fact]
    public void Fields_HaveTheSettingsOfBefore_AndClearingDeletesThem()
    {
        Terminal.Press("\x15\r9\r");

        _session.Run("set hostname old\nset x:int32 4\n" + Two + "present\nisset ${hostname} || echo deleted");

        Assert.Equal(" 49", _session.Expand("${hostname} ${x}"));
        Assert.EndsWith("deleted\n", _session.Output);
    }

    [Fact]
    public void Field_ThatIsRefused_SaysWhy_AndTheOthersAreStored()
    {
        Terminal.Press("box\rten\r");
        string[] screen = Watch(Two + "present");

        Assert.Contains(screen, line => line.Trim() == "x:int32: not a value of type int32: ten");
        Assert.Single(Terminal.InColours(Terminal.Palette.Alert));
        Assert.Equal("box ", _session.Expand("${hostname} ${x}"));

        Terminal.Press("\x15" + "box\rten\r\b\b\b10\r");
        Assert.True(_session.Run(Two + "present").IsSuccess);
        Assert.Equal("box 10", _session.Expand("${hostname} ${x}"));
    }

    [Fact]
    public void Screen_ShowsLabelsAndFields_Centred()
    {
        string[] screen = Watch("set hostname old\n" + Two + "present");

        string[] lines = [.. screen.Where(line => line.Length > 0)];
        Assert.Equal(["Network", "Host name", "old", "A gap", "Number", "Enter, Tab: next field   Ctrl-X: save   Esc: cancel"], lines.Select(line => line.Trim()));
        Assert.Equal(new string(' ', 20) + "old", lines[2]);
        Assert.Equal(["old"], Terminal.InColours(Terminal.Palette.Field));
        Assert.True(Terminal.IsCursorVisible);
    }

    [Fact]
    public void SecretField_ShowsAsterisks()
    {
        Terminal.Press("geheim");
        string[] screen = Watch("form\nitem --secret password Password\npresent");

        Assert.Contains(screen, line => line.Trim() == "******");
        Assert.DoesNotContain("geheim", Terminal.Output);
    }

    [Fact]
    public void LongValue_ScrollsInItsField()
    {
        Terminal.Press(new string('x', 100) + "<H>a<E>z");
        string[] screen = Watch("form\nitem v Value\npresent");
        Assert.Contains(screen, line => line.Trim().EndsWith("xz", StringComparison.Ordinal));

        Terminal.Press(new string('x', 100) + "<H>a<E>z\x18");
        Assert.True(_session.Run("form\nitem v Value\npresent").IsSuccess);
        Assert.Equal("a" + new string('x', 100) + "z", _session.Expand("${v}"));
    }

    [Fact]
    public void Utf8_IsTypedAndEdited()
    {
        Terminal.Press("\u00FC\u20AC\b\u00E9\x18");

        _session.Run("form\nitem v Value\npresent");

        Assert.Equal("\u00FC\u00E9", Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_session.Expand("${v}"))));
    }

    [Fact]
    public void Form_LongerThanTheScreen_Scrolls()
    {
        StringBuilder form = new("form\n");
        for (int i = 0; i < 50; i++)
        {
            form.Append($"item f{i} Field {i}\n");
        }

        Terminal.Press("first<N>last");
        string[] screen = Watch(form + "present");
        Assert.Contains(screen, line => line.Trim() == "Field 49");
        Assert.Contains(screen, line => line.Trim() == "last");
        Assert.DoesNotContain(screen, line => line.Trim() == "first");

        Terminal.Press("first<N>last\r");
        Assert.True(_session.Run(form + "present").IsSuccess);
        Assert.Equal("first last", _session.Expand("${f0} ${f49}"));
    }

    [Theory]
    [InlineData("present", "boot.ipxe:2: present: there is no menu or form\n")]
    [InlineData("present --form f ||", "boot.ipxe:2: present: no such menu or form: f\n")]
    [InlineData("form T\npresent", "boot.ipxe:3: present: the form has no field\n")]
    [InlineData("form T\nitem --gap G\npresent", "boot.ipxe:4: present: the form has no field\n")]
    [InlineData("form T\nitem x:nosuch X\npresent", "boot.ipxe:4: present: x:nosuch: unknown type\n")]
    [InlineData("form T\npresent ||\npresent", "boot.ipxe:4: present: there is no menu or form\n")]
    public void Mistake_IsNamedWithLineAndReason(string lines, string expected) => Assert.EndsWith(expected, TestSession.OutputOf(lines));

    [Fact]
    public void DefaultField_IsTheFirstToBeEdited_AndAKeyJumps()
    {
        Terminal.Press("1<8>2\x18");

        _session.Run("form --name f T\nitem --form f a A\nitem --form f --default b B\nitem --form f --key 0x147e c C\npresent --form f");

        Assert.Equal(" 1 2", _session.Expand("${a} ${b} ${c}"));
    }

    [Fact]
    public void Login_StoresNameAndPassword_AndIsGivenUp()
    {
        Terminal.Press("alice\rsecret\r");
        Assert.True(_session.Run("login").IsSuccess);
        Assert.Equal("alice:secret", _session.Expand("${username}:${password}"));
        Assert.DoesNotContain("secret", Terminal.Output);

        Terminal.Press("\x03");
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run("login || goto end\nexit 5\n:end\nlogin"));
    }

    [Fact]
    public void Typing_SendsLittleToASerialLine()
    {
        int asked = 0;
        long bytes = 0;
        Terminal.NextKey = () =>
        {
            switch (asked++)
            {
                case 0:
                    Terminal.Press("a");
                    Terminal.SerialBytes = 0;
                    return null;
                case 1:
                    bytes = Terminal.SerialBytes;
                    break;
            }

            return new Key(Key.ControlC);
        };
        _session.Run(Two + "present");

        Assert.InRange(bytes, 1, 40);
    }

    [Fact]
    public void Form_OfAHostileScript_HasNoQuadraticTime()
    {
        StringBuilder form = new("form T\n");
        for (int i = 0; i < 100_000; i++)
        {
            form.Append("item f Field\n");
        }

        Terminal.Press("<N><P>x<X>");

        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run(form + "present"));
    }

    private string[] Watch(string lines)
    {
        Terminal.IsFrozen = false;
        Terminal.NextKey = () =>
        {
            // Only once: who looks for Ctrl-C reads all keys that there are.
            Key? key = Terminal.IsFrozen ? null : new Key(Key.ControlC);
            Terminal.IsFrozen = true;
            return key;
        };
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _session.Run(lines));
        Terminal.NextKey = null;
        Terminal.IsFrozen = false;
        return Terminal.Visible;
    }
}
