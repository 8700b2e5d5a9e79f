using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

public sealed class ScriptCheckTests
{
    [Theory]
    [InlineData("#!ipxe\n")]
    [InlineData("#!ipxe\n:again\ndhcp || goto again\nchain http://192.0.2.1/${net0/mac}.ipxe || shell\n")]
    [InlineData("#!ipxe\r\nkernel linux \\\n  console=ttyS0\n# nosuch\nboot\n")]
    [InlineData("#!ipxe\n${command} --what\ngoto ${label}\nimgfetch ${option} --nosuch\n")]
    [InlineData("#!ipxe\ngoto nowhere ||\ngoto nowhere || goto also_nowhere ||\n")]
    [InlineData("#!ipxe\niseq ${platform} pcbios && sanboot --drive 0x80 || echo no BIOS\n")]
    [InlineData("#!ipxe\nsanhook d.iso\nsanboot iscsi:${x}\nsanhook aoe:e0.1 || sanboot https://h/d iscsi:h::::t\n")]
    [InlineData("#!ipxe\nmenu T\nitem --gap -- Systems\nitem --key 0x147e --default a A\nchoose --timeout 0x10 -k ${x} && goto ${x}\nform --name f F\nitem -f f -s y Y\npresent -f f\nlogin ||\n")]
    public void Check_OfAScriptThatMayWork_FindsNothing(string script) =>
        Assert.Null(ScriptCheck.Check(Encoding.Latin1.GetBytes(script), out _));

    [Theory]
    [InlineData("", 1, "not a script: it is empty")]
    [InlineData("echo\n", 1, "not a script: it begins with \"echo\", not with #!ipxe")]
    [InlineData("\u00EF\u00BB\u00BF#!ipxe\n", 1, "not a script: a byte order mark stands before its first line: save it without, as UTF-8")]
    [InlineData("\u00FF\u00FE#\0!\0", 1, "not a script: a byte order mark stands before its first line: save it without, as UTF-8")]
    [InlineData("#!ipxe\n\necho a ; nosuch b\n", 3, "nosuch: command not found")]
    [InlineData("#!ipxe\necho \\\n b\nimgfetch --nosuch a\n", 4, "imgfetch: unknown option: --nosuch")]
    [InlineData("#!ipxe\ngoto nowhere\n:no\n", 2, "goto: label not found: nowhere")]
    [InlineData("#!ipxe\n:a goto\n", 2, "goto: too few arguments")]
    [InlineData("#!ipxe\ngoto a b\n", 2, "goto: too many arguments")]
    [InlineData("#!ipxe\necho a\\", 2, "the last line ends with a backslash")]
    [InlineData("#!ipxe\nmenu T\nitem --key F8 a A\n", 3, "item: not a key: F8")]
    [InlineData("#!ipxe\nmenu T\nchoose --timeout soon x\n", 3, "choose: not a number: soon")]
    [InlineData("#!ipxe\nmenu T\nchoose\n", 3, "choose: too few arguments")]
    [InlineData("#!ipxe\nsanhook aoe:e0.1\n", 2, "sanhook: aoe:e0.1: there are no disks of scheme \"aoe\" (of http, https and iscsi there are)")]
    [InlineData("#!ipxe\nsanboot -k iscsi:192.0.2.1::::\n", 2, "sanboot: iSCSI root path: the target's name is missing (iscsi:[user:password@]server:protocol:port:LUN:target)")]
    [InlineData("#!ipxe\npresent x\n", 2, "present: too many arguments")]
    public void Check_OfAScriptThatCannotWork_NamesLineAndReason(string script, int line, string reason)
    {
        Error? error = ScriptCheck.Check(Encoding.Latin1.GetBytes(script), out int found);
        Assert.Equal(reason, error?.Message);
        Assert.Equal(line, found);
    }

    [Fact]
    public void Check_OfAnything_NeverFaults() => Prop.ForAll<byte[]>(bytes =>
    {
        ScriptCheck.Check([.. "#!ipxe\n"u8, .. bytes], out int line);
        return line >= 1;
    }).QuickCheckThrowOnFailure();
}
