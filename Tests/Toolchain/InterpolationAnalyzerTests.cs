using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>Which interpolated strings the product's style has, in sources for firmware. It is off unless it is turned on.</summary>
public sealed class InterpolationAnalyzerTests
{
    [Theory]
    [InlineData("class C { string M(int i) => $\"{i}\"; }", "NB1002(1,30)")]
    [InlineData("class C { string M(string s) => $\"{s}\"; }", "NB1002(1,33)")]
    [InlineData("class C { void N(string s) { } void M(int i) => N($\"{i}\"); }", "NB1002(1,51)")]
    [InlineData("class C { const string A = \"a\"; const string B = $\"{A}\"; }", "")]
    [InlineData("using System.Runtime.CompilerServices; class C { static string F(ref H h) => \"\"; string M(int i) => F($\"{i}\"); } [InterpolatedStringHandler] ref struct H { public H(int a, int b) { } public void AppendFormatted(int i) { } }", "")]
    public void AStringOfItsOwn_IsRefused(string source, string expected) =>
        Assert.Equal(expected, Analysis.Show(Analysis.Run(On(Analysis.Freestanding(source)), new InterpolationAnalyzer())));

    [Fact]
    public void OnTheHost_AndUnlessItIsTurnedOn_NothingIsRefused()
    {
        const string source = "class C { string M(int i) => $\"{i}\"; }";
        Assert.Empty(Analysis.Run(On(Analysis.Hosted(source)), new InterpolationAnalyzer()));
        Assert.Empty(Analysis.Run(Analysis.Freestanding(source), new InterpolationAnalyzer()));
    }

    private static CSharpCompilation On(CSharpCompilation compilation) =>
        compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new("NB1002", ReportDiagnostic.Error)]));
}
