using System;
using System.Text;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Tab in the shell.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TestSession _session = new();

    public CompletionTests()
    {
        _session.Session.WorkingUri.Set("file:/EFI/BOOT/BOOTX64.EFI");
        _session.Platform.AddFile("file:/EFI/BOOT/autoexec.ipxe", "");
        _session.Platform.AddFile("file:/EFI/BOOT/auto/linux", "");
        _session.Platform.AddFile("file:/vmlinuz", "");
        _session.Run("set my-setting a\nset scope.of/inner b");
    }

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("ech\t", "echo ")]
    [InlineData("echo a && imgsta\t", "echo a && imgstat ")]
    [InlineData("iff\t", "iff")]
    [InlineData("imgsele\t k", "imgselect  k")]
    [InlineData("choose --ti\t", "choose --timeout ")]
    [InlineData("choose --timeout 1000 my\t", "choose --timeout 1000 my-setting ")]
    [InlineData("set my\t", "set my-setting ")]
    [InlineData("set my-setting my\t", "set my-setting my")]
    [InlineData("echo ${my\t", "echo ${my-setting}")]
    [InlineData("echo ${netm\t", "echo ${netmask}")]
    [InlineData("echo ${sco\t", "echo ${scope")] // scope/ and scope.of/
    [InlineData("echo ${scope.of/i\t", "echo ${scope.of/i")] // inner, ip
    [InlineData("echo ${scope.of/inn\t", "echo ${scope.of/inner}")]
    [InlineData("show netm\t", "show netmask ")]
    [InlineData("help choo\t", "help choose ")]
    [InlineData("kernel autoex\t", "kernel autoexec.ipxe ")]
    [InlineData("kernel auto/l\t", "kernel auto/linux ")]
    [InlineData("kernel /vm\t", "kernel /vmlinuz ")]
    [InlineData("nosuch x\t", "nosuch x")]
    [InlineData("\t", "")]
    public void Tab_CompletesWhatWasBegun(string keys, string expected) => Assert.Equal(expected, Read(keys));

    [Fact]
    public void Tab_WithSeveralWays_ListsThem_AndGoesOn()
    {
        Assert.Equal("ifconf net0", Read("ifo\b\t" + "conf net0"));

        Assert.Contains("> if\nifconf", _session.Terminal.Screen);
        Assert.Matches(@"ifconf +ifstat +ifopen +ifclose +iftake +iflinkwait\nNetBoot> ifconf net0", _session.Terminal.Screen);
    }

    [Fact]
    public void Images_AreCompletedByTheirNames()
    {
        _session.Platform.AddFile("http://server/dir/initrd-long-name", "x");
        _session.Run("imgfetch -q initrd-long-name");

        Assert.Equal("imgfree initrd-long-name ", Read("imgfree ini\t"));
    }

    [Fact]
    public void Completion_OfManyWays_IsBounded()
    {
        StringBuilder script = new();
        for (int i = 0; i < 1000; i++)
        {
            script.Append($"set many{i} x\n");
        }

        _session.Run(script.ToString());

        Read("echo ${many\t");
        Assert.Contains("... and 800 more\n", _session.Terminal.Screen);
    }

    [Fact]
    public void History_IsKeptOverScripts()
    {
        _session.Terminal.Type("echo first\rexit\r\x10\x10\rexit\r");

        Assert.True(_session.Run("shell\nset x y\nshell").IsSuccess);

        Assert.Equal(2, _session.Output.Split("\nfirst\n").Length - 1);
    }

    private string Read(string keys)
    {
        _session.Terminal.Type(keys + "\r");
        Assert.Null(_session.Session.Editor.Read("NetBoot> ", default, 0, out ReadOnlySpan<char> line));
        return line.ToString();
    }
}
