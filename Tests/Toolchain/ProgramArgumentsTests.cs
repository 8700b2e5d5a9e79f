using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>The words that Main gets of load options; those of the shell come as words (OrdinaryTests).</summary>
public sealed class ProgramArgumentsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData("one", "one")]
    [InlineData(" one\ttwo  three ", "one|two|three")]
    [InlineData("a \"two words\" \"\" b\"c d\"e", "a|two words||bc de")]
    [InlineData("\"never ended", "never ended")]
    [InlineData("hello.efi one", "one")]
    [InlineData("\\EFI\\BOOT\\BOOTX64.EFI", "")]
    [InlineData("one hello.efi", "one|hello.efi")]
    [InlineData("one\0two", "one")]
    [InlineData("one\u0001two", "")]
    [InlineData("\"caf\u00E9\"", "caf\u00E9")]
    public void LoadOptions_AreSplitIntoWordsWithoutTheProgramsName(string options, string expected) =>
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), ProgramArguments.Split(options));
}
