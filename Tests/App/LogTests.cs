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

    private string Read(ref ulong position, byte[] line) => Encoding.Latin1.GetString(line, 0, _log.ReadLine(ref position, line));

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

        Assert.Equal("before\nbehind\n"u8.ToArray(), terminal.Log.Read());
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
    public void ReadLine_GivesWholeLines_FromWhereverThatIsKept()
    {
        byte[] line = new byte[10];
        ulong position = 0;
        _log.Write("one\n12 %\r\x1B[31mtwo\n\nthree");
        Assert.Equal("one", Read(ref position, line));
        Assert.Equal("two", Read(ref position, line));
        Assert.Equal("", Read(ref position, line));
        Assert.Equal(_log.LinesEnd, position);
        _log.Write(" times\tfour\n");
        Assert.Equal("three time", Read(ref position, line));
        Assert.Equal("s four", Read(ref position, line));
        Assert.Equal(_log.LinesEnd, position);
        _log.Write("exactly 10\nnext\n");
        Assert.Equal("exactly 10", Read(ref position, line));
        Assert.Equal("next", Read(ref position, line));
        for (int i = 0; i < 1000; i++)
        {
            _log.Write($"line {i,4}\n");
        }

        Read(ref position, line); // the part of one that is left
        Assert.Equal("line  181", Read(ref position, line));
    }

    [Fact]
    public void Setting_HasTheLog()
    {
        using TestSession session = new();

        session.Run("echo one\nset seen ${dmesg}");

        Assert.Equal("one\n", session.Expand("${seen}"));
    }
}
