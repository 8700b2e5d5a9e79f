using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NetBoot.Uefi.Interop.Build.Analyzers;

/// <summary>
/// In sources for firmware: an interpolated string becomes a string through TextBuilder, whose code for all of an image's hundreds is one. Off unless
/// an .editorconfig turns it on: it is this repository's style, and for small programs <c>$"..."</c> is as good.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InterpolationAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_interpolation = new(
        "NB1002",
        "Interpolated strings go through TextBuilder",
        "interpolated string: write TextBuilder.Format($\"...\"), which images have anyway",
        "Style",
        DiagnosticSeverity.Warning,
        false);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(s_interpolation);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.IsFreestanding())
            {
                start.RegisterOperationAction(Check, OperationKind.InterpolatedString);
            }
        });
    }

    private static void Check(OperationAnalysisContext context)
    {
        IInterpolatedStringOperation text = (IInterpolatedStringOperation)context.Operation;
        if (text.Parent is not IInterpolatedStringHandlerCreationOperation && !text.ConstantValue.HasValue)
        {
            context.ReportDiagnostic(Diagnostic.Create(s_interpolation, text.Syntax.GetLocation()));
        }
    }
}
