using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>
/// Every block of C# in Uefi.Interop/Docs compiles: for firmware, with what its build refuses, or on the host where the block says so; and the test
/// that the book shows passes. Behind the language a block names others that belong to it: +1 of its page, +07-driver the first of that.
/// </summary>
[Collection("Firmware")]
public sealed partial class BookTests
{
    private static readonly string s_folder = Path.Combine(ImageProject.RepositoryRoot, "Uefi.Interop", "Docs");

    /// <summary>What a driver's project references beside the core library, from its sources.</summary>
    private static readonly Lazy<MetadataReference[]> s_freestanding = new(() =>
    {
        MetadataReference core = Analysis.Core.ToMetadataReference();
        MetadataReference interop = Library(
            "NetBoot.Uefi.Interop", [core], "Uefi.Interop/", "Uefi.Interop/Hosted/", "Uefi.Interop/Core/", "Uefi.Interop/Build/");
        MetadataReference buses = Library("NetBoot.BusDrivers", [core, interop], "BusDrivers/", "BusDrivers/Hosted/");
        return [core, interop, buses, Library("NetBoot.NicDrivers", [core, interop, buses], "NicDrivers/")];
    });

    private static readonly string[] s_pages =
        [.. Directory.EnumerateFiles(s_folder, "*.md").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    public static TheoryData<string> Pages { get; } = [.. s_pages];

    [Fact]
    public void TheBook_HasItsTenPages_AndEachHasCode()
    {
        string[] pages = [.. s_pages.Where(page => char.IsDigit(page[0]))];
        Assert.Equal(Enumerable.Range(1, 10), pages.Select(page => int.Parse(page[..2])));
        Assert.All(pages, page => Assert.NotEmpty(Blocks(page)));
        string contents = File.ReadAllText(Path.Combine(s_folder, "README.md"));
        Assert.All(s_pages.Where(page => page != "README"), page => Assert.Contains($"({page}.md)", contents));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_CompilesInEachOfItsBlocks(string page)
    {
        foreach (Block block in Blocks(page))
        {
            CSharpCompilation compilation = block.IsHosted ? Hosted(block) : Freestanding(block);
            Diagnostic[] problems = [.. Problems(compilation, block.IsHosted).Where(each => each.Severity >= DiagnosticSeverity.Warning)];
            Assert.True(problems.Length == 0, $"{page}, block {block.Number}:\n{string.Join<Diagnostic>('\n', problems)}");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_LinksToWhatIsThere(string page)
    {
        foreach (Match link in LinkPattern().Matches(File.ReadAllText(Path.Combine(s_folder, page + ".md"))))
        {
            Assert.True(Path.Exists(Path.Combine(s_folder, link.Groups[1].Value)), link.Value);
        }
    }

    [Fact]
    public void TheTestThatTheBookShows_Passes()
    {
        Assembly assembly = Assembly.Load(Analysis.Emit(Hosted(Blocks("08-testing").Last())).ToArray());
        Type tests = assembly.GetType("MyNic.Tests.SmallDriverTests", true)!;
        MethodInfo test = Assert.Single(tests.GetMethods(), method => method.IsDefined(typeof(FactAttribute)));
        test.Invoke(Activator.CreateInstance(tests), BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    private sealed record Block(string Page, int Number, bool IsHosted, string[] Others, string Source);

    private static Block[] Blocks(string page) =>
    [
        .. BlockPattern().Matches(File.ReadAllText(Path.Combine(s_folder, page + ".md"))).Select((match, index) =>
        {
            string[] words = match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] others = [.. words.Where(word => word[0] == '+').Select(word => word[1..])];
            return new Block(page, index + 1, words.Contains("host"), others, match.Groups[2].Value);
        }),
    ];

    /// <summary>The block and those that belong to it.</summary>
    private static IEnumerable<string> Sources(Block block) => block.Others
        .Select(other => int.TryParse(other, out int number) ? Blocks(block.Page)[number - 1] : Blocks(other)[0])
        .Append(block)
        .Select(each => each.Source);

    private static CSharpCompilation Freestanding(Block block)
    {
        CSharpCompilation compilation = CSharpCompilation.Create("Sample", Sources(block).Select(Parse), s_freestanding.Value, Options(false));
        bool isProgram = compilation.SyntaxTrees.Any(tree => tree.GetRoot().DescendantNodes().Any(node => node is GlobalStatementSyntax)) ||
            (compilation.GetSymbolsWithName("Main").Any() && !block.Source.Contains("EfiMain"));
        CSharpGeneratorDriver.Create(new EntryPointGenerator()).WithUpdatedParseOptions(s_language).RunGeneratorsAndUpdateCompilation(
            compilation.WithOptions(Options(isProgram)), out Compilation made, out _);
        Assert.Equal(isProgram, made.SyntaxTrees.Count() > compilation.SyntaxTrees.Length);
        return (CSharpCompilation)made;
    }

    private static CSharpCompilation Hosted(Block block) => CSharpCompilation.Create(
        "Sample" + block.Number,
        Sources(block).Select(Parse),
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
        Options(false));

    private static IEnumerable<Diagnostic> Problems(CSharpCompilation compilation, bool isHosted)
    {
        IEnumerable<Diagnostic> own = compilation.GetDiagnostics();
        return isHosted
            ? own
            : own.Concat(compilation.WithAnalyzers([new FreestandingAnalyzer(), new HiddenDelegateAnalyzer()]).GetAnalyzerDiagnosticsAsync().GetAwaiter().GetResult());
    }

    private static CSharpCompilationOptions Options(bool isProgram) => new(
        isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        allowUnsafe: true,
        nullableContextOptions: NullableContextOptions.Enable);

    private static readonly CSharpParseOptions s_language = new(LanguageVersion.CSharp14);

    private static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, s_language);

    private static MetadataReference Library(string name, MetadataReference[] references, string folder, params string[] without) => CSharpCompilation.Create(
        name,
        Directory.EnumerateFiles(Path.Combine(ImageProject.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Where(path => !without.Any(each => path.StartsWith(Path.Combine(ImageProject.RepositoryRoot, each), StringComparison.Ordinal)))
            .Select(path => Parse(File.ReadAllText(path))),
        references,
        Options(false)).ToMetadataReference();

    [GeneratedRegex("^```csharp(.*)\\n([\\s\\S]*?)^```$", RegexOptions.Multiline)]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"\]\(([^)#:]+)\)")]
    private static partial Regex LinkPattern();
}
