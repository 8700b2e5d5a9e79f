using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>Runs an analyzer over a source text, in this process, as the compiler does.</summary>
internal static class Analysis
{
    private static readonly CSharpParseOptions s_language = new(LanguageVersion.CSharp14, DocumentationMode.Parse);

    private static readonly CSharpCompilationOptions s_options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

    private static readonly Lazy<CSharpCompilation> s_core = new(() => CSharpCompilation.Create(
        "NetBoot.Core",
        Directory.EnumerateFiles(Path.Combine(ImageProject.RepositoryRoot, "Uefi.Interop", "Core"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), s_language, path)),
        options: s_options));

    /// <summary>A compilation against the freestanding core library.</summary>
    public static CSharpCompilation Freestanding(string source) => CSharpCompilation.Create("Sample", [Parse(source)], [Core.ToMetadataReference()], s_options);

    /// <summary>A compilation against .NET.</summary>
    public static CSharpCompilation Hosted(string source) =>
        CSharpCompilation.Create("Sample", [Parse(source)], [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)], s_options);

    /// <summary>The freestanding core library, from its sources.</summary>
    public static CSharpCompilation Core => s_core.Value;

    /// <summary>Runs an analyzer over a compilation, which must have no errors.</summary>
    /// <returns>What it found, in the order of the text.</returns>
    public static Diagnostic[] Run(CSharpCompilation compilation, DiagnosticAnalyzer analyzer)
    {
        Assert.Empty(compilation.GetDiagnostics().Where(each => each.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> found = compilation.WithAnalyzers([analyzer]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult();
        return [.. found.OrderBy(each => each.Location.SourceSpan.Start)];
    }

    /// <summary>Each finding as <c>ID(line,column)</c>, counted from 1.</summary>
    public static string Show(IEnumerable<Diagnostic> found) =>
        string.Join(' ', found.Select(each => $"{each.Id}({each.Location.GetLineSpan().StartLinePosition.Line + 1},{each.Location.GetLineSpan().StartLinePosition.Character + 1})"));

    /// <summary>Compiles, without errors.</summary>
    /// <returns>The bytes of the assembly.</returns>
    public static MemoryStream Emit(CSharpCompilation compilation)
    {
        MemoryStream assembly = new();
        EmitResult result = compilation.Emit(assembly, options: new EmitOptions(runtimeMetadataVersion: "v4.0.30319"));
        Assert.Empty(result.Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error));
        assembly.Position = 0;
        return assembly;
    }

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, s_language, "Sample.cs");
}
