using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.App.TestSession;

namespace NetBoot.Tests.App;

/// <summary>Recognition, lines, labels, goto, tokens and operators.</summary>
public class ScriptTests
{
    [Theory]
    [InlineData("#!ipxe\n", true)]
    [InlineData("#!gpxe\n", true)]
    [InlineData("#!ipxe\r\necho", true)]
    [InlineData("#!ipxe echo", true)]
    [InlineData("#!ipxe\t", true)]
    [InlineData("#!ipxe", false)]
    [InlineData("#!ipxeX", false)]
    [InlineData("#!bash\n", false)]
    [InlineData("\u00EF\u00BB\u00BF#!ipxe\n", false)]
    [InlineData(" #!ipxe\n", false)]
    [InlineData("", false)]
    public void IsScript_NeedsTheMagicAndWhiteSpaceAfterIt(string content, bool expected) =>
        Assert.Equal(expected, ScriptText.IsScript(Encoding.Latin1.GetBytes(content)));

    [Theory]
    [InlineData("echo a\necho b", "a\nb\n")]
    [InlineData("echo a\r\necho b\r\n", "a\nb\n")]
    [InlineData("  \t echo a", "a\n")]
    [InlineData("\n\n  \necho a\n\n", "a\n")]
    public void Lines_EndAtLineFeed_AndMayBeIndented(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("echo a\\\nb", "ab\n")]
    [InlineData("echo a \\\nb", "a b\n")]
    [InlineData("ec\\\r\nho a", "a\n")]
    [InlineData("echo a\\\n\\\nb", "ab\n")]
    [InlineData("# comment \\\necho hidden\necho b", "b\n")]
    [InlineData("echo a\\ b", "a\\ b\n")]
    public void Continuation_JoinsLinesWithNothingBetween(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Fact]
    public void Continuation_OnTheLastLine_IsAnErrorAndDoesNotRun()
    {
        using TestSession session = new();

        EFI_STATUS status = session.Run("echo a\necho b\\\n");

        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, status);
        Assert.Equal("a\nboot.ipxe:3: the last line ends with a backslash\n", session.Output);
    }

    [Theory]
    [InlineData(":foo echo hi", "hi\n")]
    [InlineData("  :foo echo hi", "hi\n")]
    [InlineData(":foo", "")]
    [InlineData(":", "")]
    [InlineData("goto foo\necho no\n:foo echo yes", "yes\n")]
    [InlineData("goto foo\necho no\n:FOO echo no\n:foo\necho yes", "yes\n")]
    [InlineData("goto a\n:a echo first\nexit\n:a echo second", "first\n")]
    [InlineData("set x foo\ngoto ${x}\necho no\n:foo echo yes", "yes\n")]
    [InlineData("goto ${nothing}\necho no\n: echo empty", "empty\n")]
    [InlineData("set x a\ngoto ${x}\n:${x} echo no\nexit\n:a echo yes", "yes\n")]
    [InlineData("goto b && echo no || echo no\n:b echo yes", "yes\n")]
    [InlineData("isset x && goto b ; echo no\n:b", "")]
    [InlineData("goto end\n:lab\\\nel echo joined\nexit\n:end goto label", "joined\n")]
    public void Labels_AreWhereGotoGoesOn(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Fact]
    public void Labels_AreNotExpanded()
    {
        Assert.Contains("label not found: a", OutputOf("set x a\ngoto a\n:${x} echo no"));
    }

    [Fact]
    public void Goto_WithoutSuchALabel_NamesFileLineAndLabel_UnlessTheScriptGoesOn()
    {
        Assert.Equal("boot.ipxe:2: goto: label not found: retry\n", OutputOf("goto retry\necho next"));
        Assert.Equal("next\n", OutputOf("goto retry ||\necho next"));
    }

    [Fact]
    public void Goto_InAShell_IsRefused()
    {
        using TestSession session = new();
        session.Terminal.Type("goto x\rexit\r");

        session.Session.RunShell();

        Assert.Contains("goto: not in a script", session.Output);
    }

    [Fact]
    public void Line_OfMoreThanAMebibyte_IsAnError_AndCostsNoMore()
    {
        string line = new('x', ScriptText.MaximumLine);
        Assert.Equal("boot.ipxe:2: the line has more than a MiB\n", OutputOf($"echo {line}\necho next"));
        Assert.Equal("end\n", OutputOf($"goto end\n#{line}\n:end echo end"));
        Assert.Equal(ScriptText.MaximumLine, new ScriptText(new byte[3 << 20]).MakeBuffer().Length);
    }

    [Fact]
    public void Shell_ThatCanReadNoLine_EndsWithAnError()
    {
        using TestSession session = new();
        session.EventLoop.MaximumTurns = 0; // Each line is interrupted.
        Assert.Equal(EFI_STATUS.EFI_ABORTED, session.Session.RunShell());
    }

    [Fact]
    public void Goto_Loops()
    {
        Assert.Equal("1\n2\n3\n", OutputOf("set i:int32 0\n:loop\ninc i\necho ${i}\niseq ${i} 3 || goto loop"));
    }

    [Theory]
    [InlineData("nosuch\necho no")]
    [InlineData("isset ${x}\necho no")]
    [InlineData("echo yes && isset ${x}\necho no")]
    public void Script_EndsAtTheFirstLineThatFails(string lines)
    {
        using TestSession session = new();

        Assert.True(session.Run(lines).IsError);
        Assert.DoesNotContain("no\n", session.Output.Replace("yes\n", ""));
        Assert.StartsWith("boot.ipxe:2: ", session.Output.Replace("yes\n", ""));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("exit", 0)]
    [InlineData("exit 0", 0)]
    [InlineData("exit 5\necho no", 5)]
    [InlineData("exit 0x10", 16)]
    [InlineData("exit 1 || echo no", 1)]
    [InlineData("exit 0 && echo no\necho no", 0)]
    [InlineData(":last", 0)]
    public void Exit_EndsTheScriptWithAStatus(string lines, uint code)
    {
        using TestSession session = new();

        EFI_STATUS status = session.Run(lines);

        Assert.Equal(code, ExitStatus.ToCode(status));
        Assert.Equal(code != 0, status.IsError);
        Assert.DoesNotContain("no\n", session.Output);
    }

    [Theory]
    [InlineData("echo a  b\t c", "a b c\n")]
    [InlineData("echo \"a  b\"", "\"a b\"\n")]
    [InlineData("echo 'a'\\'b'", "'a'\\'b'\n")]
    [InlineData("echo a||b", "a||b\n")]
    [InlineData("echo a;b", "a;b\n")]
    [InlineData("echo a;", "a;\n")]
    [InlineData("echo a && echo b", "a\nb\n")]
    [InlineData("echo a || echo b", "a\n")]
    [InlineData("echo a ; echo b", "a\nb\n")]
    [InlineData("echo a # comment", "a\n")]
    [InlineData("echo a #comment", "a\n")]
    [InlineData("echo a#b", "a#b\n")]
    [InlineData("echo http://x/#frag", "http://x/#frag\n")]
    [InlineData("# echo a", "")]
    [InlineData("#echo a || echo b", "")]
    [InlineData("set x ||\necho =${x}=", "==\n")]
    [InlineData("set or:hex 7c:7c\necho a ${or} echo b", "a 7c:7c echo b\n")]
    [InlineData("set or:hex 7c:7c\necho a ${or:string} echo b", "a || echo b\n")]
    [InlineData("set hash:hex 23\necho a ${hash:string} b", "a # b\n")]
    [InlineData("set command echo\n${command} hi", "hi\n")]
    [InlineData("set a 1 && echo ${a}", "1\n")]
    [InlineData("set s:hex 61:20:20:62\nset t ${s:string}\necho ${t}", "a  b\n")]
    public void Words_AreSplitAtWhiteSpace_WithoutQuoting(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("isset ${x} || echo or", "or\n")]
    [InlineData("isset ${x} && echo and || echo or", "or\n")]
    [InlineData("isset 1 && isset ${x} || echo c", "c\n")]
    [InlineData("isset ${x} && isset 1 || echo c", "c\n")]
    [InlineData("isset 1 && isset 1 || echo c", "")]
    [InlineData("isset 1 || isset ${x} && echo c", "c\n")]
    [InlineData("isset ${x} ; echo always", "always\n")]
    [InlineData("isset ${x} || isset ${y} || echo c", "c\n")]
    [InlineData("isset ${x} ||\necho went on", "went on\n")]
    [InlineData("isset ${x} || # comment\necho went on", "went on\n")]
    [InlineData("|| echo x\necho went on", "went on\n")]
    [InlineData("&& echo x", "x\n")]
    [InlineData("echo a && && echo b", "a\nb\n")]
    public void Operators_LookAtTheLatestStatus(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Fact]
    public void TrailingAnd_KeepsAFailure()
    {
        using TestSession session = new();

        Assert.True(session.Run("isset ${x} &&\necho no").IsError);
        Assert.Equal("boot.ipxe:2: isset: not set\n", session.Output);
    }

    [Fact]
    public void UnknownCommand_IsNamedWithFileAndLine()
    {
        using TestSession session = new();

        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, session.Run("\nnosuch a b"));
        Assert.Equal("boot.ipxe:3: nosuch: command not found\n", session.Output);
    }

    [Fact]
    public void CommandNames_AreNeitherAbbreviatedNorFolded()
    {
        Assert.Contains("ech: command not found", OutputOf("ech x"));
        Assert.Contains("ECHO: command not found", OutputOf("ECHO x"));
        Assert.Contains("boot.ipxe:2: command not found", OutputOf("${nothing} x"));
    }

    [Fact]
    public void LineNumbers_CountPhysicalLines()
    {
        Assert.Equal("boot.ipxe:4: x: command not found\n", OutputOf("set a b\\\nc\nx"));
        Assert.Equal("boot.ipxe:2: x: command not found\n", OutputOf("x \\\n y"));
        Assert.Equal("boot.ipxe:4: x: command not found\n", OutputOf("goto l\n\n:l x"));
    }

    [Fact]
    public void Errno_IsTheLastFailure()
    {
        Assert.Equal("0xe\n", OutputOf("isset ${x} || echo ${errno}"));
    }

    [Fact]
    public void ControlC_EndsAScriptThatLoops()
    {
        using TestSession session = new();
        session.Terminal.Type("\x03");

        Assert.Equal(EFI_STATUS.EFI_ABORTED, session.Run(":a\ngoto a"));
        Assert.Contains("interrupted", session.Output);
    }

    [Fact]
    public void Shell_InAScript_ReturnsToIt()
    {
        using TestSession session = new();
        session.Terminal.Type("set x y\rexit\r");

        session.Run("shell\necho ${x}");

        Assert.EndsWith("y\n", session.Output);
    }

    [Fact]
    public void Shell_ExitStatus_IsTheCommands_NotTheScripts()
    {
        using TestSession session = new();
        session.Terminal.Type("exit 3\r");

        Assert.True(session.Run("shell || echo ${errno}").IsSuccess);
        Assert.Contains("0x3\n", session.Output);
    }
}
