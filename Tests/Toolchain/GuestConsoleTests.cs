using System.IO;
using System.Linq;
using System.Text;
using NetBoot.Boot.Packages.Runner;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>What <c>dotnet run</c> shows of a machine's serial line.</summary>
public sealed class GuestConsoleTests
{
    private const string Line = "BdsDxe: starting\r\nlaunch: begin\r\nHello\r\n\r\nlaunched\r\nlaunch: end 3\r\n\e[2J";

    private readonly MemoryStream _terminal = new();

    private string Shown => Encoding.Latin1.GetString(_terminal.ToArray());

    /// <summary>However the line is cut in pieces.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Write_ShowsWhatTheImageSays_AndNothingOfTheFirmware(int size)
    {
        GuestConsole console = new(_terminal);
        foreach (byte[] piece in Encoding.Latin1.GetBytes(Line).Chunk(size))
        {
            console.Write(piece);
        }

        Assert.Equal("Hello\r\n\r\nlaunched", Shown);
        Assert.Equal(3UL, console.Status);
    }

    /// <summary>A prompt waits for its answer: it does not wait for what may follow.</summary>
    [Fact]
    public void Write_OfAPrompt_ShowsItAtOnce()
    {
        GuestConsole console = new(_terminal);
        console.Write("launch: begin\r\nWho? "u8);
        Assert.Equal("Who? ", Shown);
        Assert.Null(console.Status);
    }

    [Fact]
    public void Write_OfWhatIsNoCharacter_ShowsItsBytes()
    {
        GuestConsole console = new(_terminal);
        console.Write("launch: begin\r\n"u8);
        byte[] bytes = [.. Enumerable.Range(128, 128).Select(each => (byte)each)];
        console.Write(bytes);
        Assert.Equal(bytes, _terminal.ToArray());
    }

    [Fact]
    public void Write_WhenTheImageIsNeverStarted_KeepsWhatTheFirmwareSaid()
    {
        GuestConsole console = new(_terminal);
        console.Write("no boot device\r\n"u8);
        Assert.False(console.HasBegun);
        Assert.Equal("no boot device\r\n", console.FirmwareText);
        Assert.Empty(Shown);
    }
}
