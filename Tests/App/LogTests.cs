using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>What ${dmesg} has of what was written.</summary>
[Collection("Firmware")]
public sealed unsafe class LogTests
{
    private readonly ConsoleLog _log = new();

    private string Log => Encoding.Latin1.GetString(_log.Read());

    [Theory]
    [InlineData("one\ntwo", "one\ntwo")]
    [InlineData("\x1B[31mred\x1B[0m\n", "red\n")]
    [InlineData("x 1 %\rx 22 %\rx ok\ny", "x ok\ny")]
    [InlineData("ab\b\bc\b\b\b", "")]
    [InlineData("a\n\bb", "a\nb")]
    [InlineData("\u4E2D", "?")]
    public void Log_HasTheLastStateOfEachLine_WithoutColours(string written, string expected)
    {
        _log.Write(written);

        Assert.Equal(expected, Log);
    }

    [Fact]
    public void Terminal_LeavesScreensOut()
    {
        using SimulatedFirmware firmware = new();
        FirmwareTerminal terminal = new(firmware.SystemTable);
        terminal.WriteLine("before");
        terminal.Clear();
        terminal.MoveTo(3, 3);
        terminal.Write("menu");
        terminal.Clear();
        terminal.WriteLine("behind");

        Assert.Equal("before\nbehind\n"u8.ToArray(), terminal.ReadLog());
    }

    [Fact]
    public void Log_KeepsTheLast8Kib()
    {
        StringBuilder written = new();
        for (int i = 0; i < 3000; i++)
        {
            _log.Write($"line {i}\n");
            written.Append($"line {i}\n");
        }

        Assert.Equal(written.ToString()[^8192..], Log);
        _log.Write(new string('\b', 10) + "\r" + new string('x', 9000) + "\r");
        Assert.Equal("", Log);
    }

    [Fact]
    public void Setting_HasTheLog()
    {
        using TestSession session = new();

        session.Run("echo one\nset seen ${dmesg}");

        Assert.Equal("one\n", session.Expand("${seen}"));
    }
}
