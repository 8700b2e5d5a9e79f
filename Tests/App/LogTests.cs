using System;
using System.Text;
using NetBoot.Boot.App.Consoles;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What ${dmesg} has of what was written.</summary>
public sealed class LogTests
{
    private readonly TestTerminal _device = new();
    private readonly LoggedTerminal _terminal;

    public LogTests() => _terminal = new LoggedTerminal(_device);

    private string Log => Encoding.Latin1.GetString(_terminal.ReadLog());

    [Theory]
    [InlineData("one\ntwo", "one\ntwo")]
    [InlineData("\x1B[31mred\x1B[0m\n", "red\n")]
    [InlineData("x 1 %\rx 22 %\rx ok\ny", "x ok\ny")]
    [InlineData("ab\b\bc\b\b\b", "")]
    [InlineData("a\n\bb", "a\nb")]
    [InlineData("\u4E2D", "?")]
    public void Log_HasTheLastStateOfEachLine_WithoutColours(string written, string expected)
    {
        _terminal.Write(written);

        Assert.Equal(expected, Log);
        Assert.Equal(written, _device.Output);
    }

    [Fact]
    public void Log_LeavesScreensOut()
    {
        _terminal.WriteLine("before");
        _terminal.Clear();
        _terminal.MoveTo(3, 3);
        _terminal.Write("menu");
        _terminal.Clear();
        _terminal.WriteLine("behind");

        Assert.Equal("before\nbehind\n", Log);
    }

    [Fact]
    public void Log_KeepsTheLast8Kib()
    {
        StringBuilder written = new();
        for (int i = 0; i < 3000; i++)
        {
            _terminal.WriteLine($"line {i}");
            written.Append($"line {i}\n");
        }

        Assert.Equal(written.ToString()[^8192..], Log);
        _terminal.Write(new string('\b', 10) + "\r" + new string('x', 9000) + "\r");
        Assert.Equal("", Log);
    }

    [Fact]
    public void Setting_HasTheLog()
    {
        using TestSession session = new(wrap: device => new LoggedTerminal(device));

        session.Run("echo one\nset seen ${dmesg}");

        Assert.Equal("one\n", session.Expand("${seen}"));
    }
}
