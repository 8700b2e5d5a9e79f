using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>Every form of a citation that is refused, and what is none.</summary>
public sealed class CitationAnalyzerTests
{
    [Theory]
    [InlineData("// RFC 2131, section 2", "(1,4) RFC 2131, section 2")]
    [InlineData("// See RFC 2131 section 2.", "(1,8) RFC 2131 section 2")]
    [InlineData("// RFC 2131, Section 4.1, and more", "(1,4) RFC 2131, Section 4.1")]
    [InlineData("// (RFC 3986, sections 5.4.1 and 5.4.2)", "(1,5) RFC 3986, sections 5.4.1")]
    [InlineData("// RFC 2131, sec. 2", "(1,4) RFC 2131, sec. 2")]
    [InlineData("// RFC2131", "(1,4) RFC2131")]
    [InlineData("// RFC-2131, 2", "(1,4) RFC-2131")]
    [InlineData("// RFCs 2131 and 2132", "(1,4) RFCs 2131")]
    [InlineData("// rfc 2131 and Rfc2132", "(1,4) rfc 2131 (1,17) Rfc2132")]
    [InlineData("// section 2 of RFC 2131", "(1,4) section 2 of RFC 2131")]
    [InlineData("// the (section 2.3.3) rule", "(1,9) section 2.3.3")]
    [InlineData("// 4.2.2 of RFC 1122", "(1,4) 4.2.2 of RFC 1122")]
    [InlineData("// RFC 1122 4.2.2.13", "(1,4) RFC 1122 4.2.2.13")]
    [InlineData("// RFC 5961 7", "(1,4) RFC 5961 7")]
    [InlineData("// RFC 1122: 4.2", "(1,4) RFC 1122: 4.2")]
    [InlineData("// RFC 1122 (4.2)", "(1,4) RFC 1122 (4.2)")]
    [InlineData("// RFC 1122 §4.2, § 3", "(1,4) RFC 1122 §4.2 (1,19) § 3")]
    [InlineData("// §§ 4.2", "(1,4) §§ 4.2")]
    [InlineData("// UEFI 2.10 section 3.1", "(1,4) UEFI 2.10 section 3.1")]
    [InlineData("// UEFI 2.10 chapter 5", "(1,4) UEFI 2.10 chapter 5")]
    [InlineData("// UEFI 2.10, chapter 5", "(1,4) UEFI 2.10, chapter 5")]
    [InlineData("// UEFI 2.10 24.1", "(1,4) UEFI 2.10 24.1")]
    [InlineData("// UEFI2.10, 24.1", "(1,4) UEFI2.10")]
    [InlineData("// chapter 19 of UEFI 2.10", "(1,4) chapter 19 of UEFI 2.10")]
    [InlineData("// SDM chapter 13", "(1,8) chapter 13")]
    [InlineData("// virtio 1.2 section 2.1", "(1,4) virtio 1.2 section 2.1")]
    [InlineData("// PI 1.8 volume 3 section 3.2.1", "(1,20) section 3.2.1")]
    [InlineData("class C { } // RFC2131", "(1,16) RFC2131")]
    [InlineData("/* RFC2131 */", "(1,4) RFC2131")]
    [InlineData("/// <summary>RFC 2131, section 2.</summary>\nclass C { }", "(1,14) RFC 2131, section 2")]
    [InlineData("/** <summary>RFC 2131, section 2.</summary> */\nclass C { }", "(1,14) RFC 2131, section 2")]
    [InlineData("class C\n{\n    // see RFC 2131, section\n    // 4.1 of it\n}", "(3,12) RFC 2131, section 4.1")]
    [InlineData("class C\n{\r\n    // see RFC\r\n    // 2131 section 4.1\r\n}", "(3,12) RFC 2131 section 4.1")]
    [InlineData("/// <summary>As RFC 2132 section\n/// 4.1</summary>\nclass C { }", "(1,17) RFC 2132 section 4.1")]
    [InlineData("/**\n * RFC 2131, section\n * 4.1\n */\nclass C { }", "(2,4) RFC 2131, section 4.1")]
    [InlineData("class C { void M() { /* RFC2131 */ } } // RFC2132", "(1,25) RFC2131 (1,43) RFC2132")]
    public void AnotherForm_IsRefused(string source, string expected)
    {
        Diagnostic[] found = Run(source);
        Assert.Equal(expected, string.Join(' ', found.Select(each =>
            $"({each.Location.GetLineSpan().StartLinePosition.Line + 1},{each.Location.GetLineSpan().StartLinePosition.Character + 1}) {each.GetMessage().Split('\'')[1]}")));
        Assert.All(found, each => Assert.EndsWith(": write document, comma, number, as in 'RFC 9293, 3.10.7', 'UEFI 2.10, 24.1' or 'TLFS, appendix C'", each.GetMessage()));
    }

    [Theory]
    [InlineData("// RFC 9293, 3.10.7; UEFI 2.10, 24.1 and virtio 1.2, 5.1.4.2")]
    [InlineData("// RFC 2131. RFC 2131: what it says. RFC 2131 (and RFC 2132), RFC 2347, 2348")]
    [InlineData("// TLFS, appendix C; UEFI 2.10, table 10-62; RFC 9293, figure 8; PI 1.8, volume 3, 3.2.1")]
    [InlineData("// one section, 4 bytes; two sections and 3 chapters; option 53 of RFC 2132; UEFI 2.10 or 2.11")]
    [InlineData("// UEFI 2.10. As in Virtio095. SMBIOS3.")]
    [InlineData("// RFC 826\n\n// 14 bytes")]
    [InlineData("// RFC 826\n//\n// 14 bytes")]
    [InlineData("// https://www.rfc-editor.org/rfc/rfc9293#section-3.10.7")]
    [InlineData("/// <summary><see cref=\"Rfc1071Sum\"/></summary>\nclass Rfc1071Sum { string _text = \"RFC2131 section 2\"; }")]
    [InlineData("class SMBIOS3 { int RFC2131; int M(int section) => RFC2131; }")]
    [InlineData("#if NEVER\n// RFC2131\n#endif")]
    public void TheOneForm_AndWhatIsNoCitation_Pass(string source) => Assert.Empty(Run(source));

    [Fact]
    public void UnlessTurnedOn_ItSaysNothing() => Assert.Empty(Analysis.Run(Analysis.Hosted("// RFC2131"), new CitationAnalyzer()));

    private static Diagnostic[] Run(string source)
    {
        CSharpCompilation compilation = Analysis.Hosted(source);
        compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new("NB1001", ReportDiagnostic.Error)]));
        return Analysis.Run(compilation, new CitationAnalyzer());
    }
}
