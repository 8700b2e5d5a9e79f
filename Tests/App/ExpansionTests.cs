using System.Linq;
using Xunit;
using static NetBoot.Tests.App.TestSession;

namespace NetBoot.Tests.App;

/// <summary>${...}</summary>
public class ExpansionTests
{
    [Theory]
    [InlineData("set a 1\necho =${a}=", "=1=\n")]
    [InlineData("set idx 0\nset net0 y\necho ${net${idx}}", "y\n")]
    [InlineData("set a x${b}\nset b 1\necho ${a}", "x\n")]
    [InlineData("echo ${a", "${a\n")]
    [InlineData("echo a}", "a}\n")]
    [InlineData("echo } ${a}", "} \n")]
    [InlineData("echo ${}", "\n")]
    [InlineData("echo =${}=", "==\n")]
    [InlineData("set a 1\necho ${a}${a}${a}", "111\n")]
    [InlineData("set a 1\necho ${x${a}", "${x1\n")]
    [InlineData("set a 1\necho $${a}", "$1\n")]
    [InlineData("set a 1\necho $a $ { }", "$a $ { }\n")]
    [InlineData("echo =${nosuch}=${no/such}=${a:nosuch}=${/}=${:}=${/:}=", "=======\n")]
    [InlineData("set a b\nset b c\necho ${${a}}", "c\n")]
    public void Word_IsExpandedInnermostFirst(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Fact]
    public void Value_IsExpandedAgain()
    {
        using TestSession session = new();
        session.Store("later", "<${x}>");
        session.Run("set x 1");

        Assert.Equal("-<1>-", session.Expand("-${later}-"));
    }

    [Fact]
    public void Word_MayBeLong_AndNameManySettings()
    {
        using TestSession session = new();
        session.Store("long", new string('x', 70_000));
        session.Store("many", string.Concat(Enumerable.Repeat("${}", 1200)));

        Assert.Equal(140_000, session.Expand("${long}${long}").Length);
        Assert.Equal("", session.Expand(string.Concat(Enumerable.Repeat("${}", 20_000))));
        Assert.Equal("-", session.Expand("${many}${many}-${many}"));
    }

    [Theory]
    [InlineData("a${x}b", "")]
    [InlineData("${x}", "")]
    [InlineData("${y}", "${x}")]
    [InlineData("${x}${x}", "")]
    [InlineData("${x${x}}", "")]
    public void SelfReference_IsAnErrorThatNamesTheSetting(string x, string y)
    {
        using TestSession session = new();
        session.Store("x", x);
        session.Store("y", y);

        Assert.True(session.Run("echo ${x}").IsError);
        Assert.Matches("^boot.ipxe:2: echo: \\$\\{.*\\}: expansion does not end\n$", session.Output);
    }

    [Fact]
    public void EmptyValue_StaysAnArgument()
    {
        Assert.Equal("boot.ipxe:2: isset: not set\n", OutputOf("isset ${a}"));
        Assert.Equal("no\n", OutputOf("iseq ${a} x || echo no"));
        Assert.Contains("too few arguments", OutputOf("isset"));
    }

    [Fact]
    public void ValueWithBlanks_StaysOneArgument()
    {
        Assert.Equal("same\n", OutputOf("set a x  y\niseq ${a} ${a} && echo same"));
        Assert.Equal("x y\n", OutputOf("set a x  y \necho ${a}"));
    }
}
