using System;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

public class LineEditorTests
{
    [Theory]
    [InlineData("abc\r", "abc")]
    [InlineData("abc\n", "abc")]
    [InlineData("abc\b\bX\r", "aX")]
    [InlineData("abc\x7FX\r", "abX")]
    [InlineData("\babc\r", "abc")]
    [InlineData("bc\x01" + "a\x05" + "d\r", "abcd")]
    [InlineData("ac\x02" + "b\r", "abc")]
    [InlineData("bc\x01\x06X\r", "bXc")]
    [InlineData("abc\x01\x04\r", "bc")]
    [InlineData("abc def\x17X\r", "abc X")]
    [InlineData("abc  \x17X\r", "X")]
    [InlineData("abc\x02\x15X\r", "Xc")]
    [InlineData("abc\x02\x0BX\r", "abX")]
    [InlineData("abc\x04\x0B\x06\r", "abc")]
    public void Keys_EditTheLine_AndTheScreenShowsIt(string keys, string expected)
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        terminal.Type(keys);

        Assert.Null(editor.Read(default, default, 0, out ReadOnlySpan<char> line));

        Assert.Equal(expected, line.ToString());
        Assert.Equal(expected, terminal.Screen.TrimEnd());
    }

    [Fact]
    public void NamedKeys_MoveAndDelete()
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        terminal.Type("bd");
        terminal.Keys.Enqueue(new Key(KeyCode.Home, '\0'));
        terminal.Type("a");
        terminal.Keys.Enqueue(new Key(KeyCode.Right, '\0'));
        terminal.Type("c");
        terminal.Keys.Enqueue(new Key(KeyCode.End, '\0'));
        terminal.Type("eX");
        terminal.Keys.Enqueue(new Key(KeyCode.Left, '\0'));
        terminal.Keys.Enqueue(new Key(KeyCode.Delete, '\0'));
        terminal.Keys.Enqueue(new Key(KeyCode.PageUp, '\0'));
        terminal.Type("\r");

        Assert.Null(editor.Read(default, default, 0, out ReadOnlySpan<char> line));
        Assert.Equal("abcde", line.ToString());
        Assert.Equal("abcde", terminal.Screen.TrimEnd());
    }

    [Theory]
    [InlineData("\x10", "two")]
    [InlineData("\x10\x10", "one")]
    [InlineData("\x10\x10\x10\x10", "one")]
    [InlineData("\x10\x10\x0E", "two")]
    [InlineData("\x10\x10\x0E\x0E\x0E", "")]
    [InlineData("a long line\x10", "two")]
    public void History_IsWalkedWithUpAndDown(string keys, string expected)
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        foreach (string text in new[] { "one\r", "two\r", "two\r", "\r" })
        {
            terminal.Type(text);
            Assert.Null(editor.Read(default, default, 0, out _));
        }

        terminal.Type(keys + "\r");
        Assert.Null(editor.Read(default, default, 0, out ReadOnlySpan<char> line));

        Assert.Equal(expected, line.ToString());
        Assert.Equal(expected, terminal.Visible[4]);
    }

    [Fact]
    public void History_KeepsTheLastLines()
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        for (int i = 0; i < 100; i++)
        {
            terminal.Type($"{i}\r");
            editor.Read(default, default, 0, out _);
        }

        terminal.Type(new string('\x10', 200) + "\r");
        editor.Read(default, default, 0, out ReadOnlySpan<char> line);

        Assert.Equal("68", line.ToString());
    }

    [Theory]
    [InlineData("\u00E9\b", "")]
    [InlineData("\u20AC\u00E9\x02\b", "\u00E9")]
    [InlineData("a\u20ACb\x02\x02\x04", "ab")]
    [InlineData("\u4E2D\u6587\x02\b!", "!\u6587")] // Wide letters.
    public void Utf8_IsACharacterToTheKeys(string keys, string expected)
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        terminal.Type(keys + "\r");

        Assert.Null(editor.Read(default, default, 0, out ReadOnlySpan<char> line));

        Assert.Equal(expected, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line.ToString())));
    }

    [Fact]
    public void ControlC_GivesUp_AndATimeoutToo()
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        terminal.Type("abc\x03");

        Error? error = editor.Read(default, default, 0, out ReadOnlySpan<char> line);

        Assert.Equal(EFI_STATUS.EFI_ABORTED, error!.Status);
        Assert.True(line.IsEmpty);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, editor.Read(default, default, 1000, out _)!.Status);
    }

    [Fact]
    public void Line_HasALimit()
    {
        TestTerminal terminal = new();
        LineEditor editor = NewEditor(terminal);
        terminal.Type(new string('x', 3000) + "\r");

        editor.Read(default, default, 0, out ReadOnlySpan<char> line);

        Assert.Equal(LineEditor.MaximumLength, line.Length);
    }

    private static LineEditor NewEditor(TestTerminal terminal) => new(terminal, new TestEventLoop(terminal)) { History = new LineHistory() };
}
