using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace NetBoot.Uefi.Interop.Build.Analyzers;

/// <summary>
/// Refuses every form of a citation in comments and docstrings but one: document, comma, number. Off unless an .editorconfig turns it on:
/// it is this repository's style, and none of projects that compile with its targets.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CitationAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_citation = new(
        "NB1001",
        "Citations have one form",
        "citation '{0}': write document, comma, number, as in 'RFC 9293, 3.10.7', 'UEFI 2.10, 24.1' or 'TLFS, appendix C'",
        "Style",
        DiagnosticSeverity.Warning,
        false);

    private const string Gap = @"(?: *\n *| +)"; // a line's end is one, an empty line is none
    private const string Number = @"\d+(?:\.\d+)*";
    private const string NumberWithDot = @"\d+(?:\.\d+)+";
    private const string Document = $@"(?:RFC{Gap}\d+|(?:UEFI|PI|PXE|ACPI|SMBIOS|TLFS|[Vv]irtio){Gap}{NumberWithDot})";

    private static readonly Regex s_wrong = new(
        string.Join(
            "|",
            $@"(?:{Document},?{Gap})?§[§ ]*(?:{Number})?",
            $@"(?:{Document},?{Gap})?\b(?:[Ss]ections?|[Ss]ect?\.|[Cc]hapters?|[Cc]h\.){Gap}{Number}(?:{Gap}of{Gap}{Document})?",
            $@"\b{NumberWithDot}{Gap}of{Gap}{Document}",
            $@"\b{Document}{Gap}{Number}\b",
            $@"\b{Document}(?:[:#] ?{NumberWithDot}| ?\({NumberWithDot}\))",
            @"\b(?:RFCs +|RFC-?|(?:UEFI|PXE|ACPI|SMBIOS|[Vv]irtio)-?(?=\d+\.\d))\d+(?:\.\d+)*\b",
            @"(?<![/\w])(?:rfc|Rfc)[ -]?\d+\b(?!\.\w)"),
        RegexOptions.CultureInvariant);

    private static readonly Regex s_gap = new(Gap, RegexOptions.CultureInvariant);
    private static readonly Regex s_lineBreak = new(@"(?<=\n)[ \t]*(?:///?|\*(?!/))?|\r(?=\n)", RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(s_citation);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSyntaxTreeAction(Check);
    }

    private static void Check(SyntaxTreeAnalysisContext context)
    {
        SourceText text = context.Tree.GetText(context.CancellationToken);
        foreach (TextSpan span in Comments(context.Tree.GetRoot(context.CancellationToken), text))
        {
            // Each character stays at its place, so that a match has the place of what it found.
            string prose = s_lineBreak.Replace(text.ToString(span), match => new string(' ', match.Length));
            foreach (Match match in s_wrong.Matches(prose))
            {
                Location where = Location.Create(context.Tree, new TextSpan(span.Start + match.Index, match.Length));
                context.ReportDiagnostic(Diagnostic.Create(s_citation, where, s_gap.Replace(match.Value, " ")));
            }
        }
    }

    /// <summary>The file's comments; those of which nothing but blanks lies between are one, for a citation may go on in the next line.</summary>
    private static IEnumerable<TextSpan> Comments(SyntaxNode root, SourceText text)
    {
        TextSpan run = default;
        foreach (SyntaxTrivia trivia in root.DescendantTrivia())
        {
            if (!IsComment(trivia))
            {
                continue;
            }

            if (run.IsEmpty)
            {
                run = trivia.FullSpan;
            }
            else if (string.IsNullOrWhiteSpace(text.ToString(TextSpan.FromBounds(run.End, trivia.FullSpan.Start))))
            {
                run = TextSpan.FromBounds(run.Start, trivia.FullSpan.End);
            }
            else
            {
                yield return run;
                run = trivia.FullSpan;
            }
        }

        if (!run.IsEmpty)
        {
            yield return run;
        }
    }

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind() is
            SyntaxKind.SingleLineCommentTrivia or
            SyntaxKind.MultiLineCommentTrivia or
            SyntaxKind.SingleLineDocumentationCommentTrivia or
            SyntaxKind.MultiLineDocumentationCommentTrivia;
}
