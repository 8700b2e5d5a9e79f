using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>The network's floors: each uses only those below it. What stands in the room itself is the ground that all stand on.</summary>
public sealed class NetworkFloorsTests
{
    private const string Room = "NetBoot.NetworkStack";

    // From the ground up.
    private static readonly string[] s_floors = ["", "Wire", "Trust", "Links", "Interfaces", "Sockets", "Streams", "Protocols"];

    [Fact]
    public void Floors_UseOnlyThoseBelow() => Assert.Empty(Violations(RoomsSources()));

    [Fact]
    public void Folders_AreFloors() => Assert.All(RoomsSources(), each => Assert.True(FloorOf(NamespaceOf(each)) >= 0, each.FilePath));

    [Theory]
    [InlineData("Sockets.Up? Member", "Up")]
    [InlineData("object Member(Low low) => low.Upper", "Upper")] // Of a type that is not named here.
    [InlineData("Low? Member", null)]
    public void UseOfAFloorAbove_IsFound(string member, string? found)
    {
        SyntaxTree[] sources =
        [
            Parse($"namespace {Room}.Links {{ class Link {{ {member}; }} }}", "Link.cs"),
            Parse($"namespace {Room}.Links {{ class Low {{ public {Room}.Sockets.Up Upper = new(); }} }}", "Low.cs"),
            Parse($"namespace {Room}.Sockets {{ class Up {{ }} }}", "Up.cs"),
        ];
        Assert.Equal(found is not null, Violations(sources).Contains($"Link.cs: {found}"));
    }

    private static IEnumerable<string> Violations(SyntaxTree[] sources)
    {
        string assemblies = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        IEnumerable<string> references = Directory.EnumerateFiles(assemblies, "System*.dll").Append(typeof(Uefi.Interop.Firmware).Assembly.Location);
        CSharpCompilation compilation = CSharpCompilation.Create(
            Room, sources, references.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Assert.Empty(compilation.GetDiagnostics().Where(each => each.Severity == DiagnosticSeverity.Error));
        return sources.SelectMany(source => Violations(source, compilation.GetSemanticModel(source))).Distinct();
    }

    private static IEnumerable<string> Violations(SyntaxTree source, SemanticModel model)
    {
        int floor = FloorOf(NamespaceOf(source));
        foreach (SimpleNameSyntax name in source.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
            ISymbol? type = symbol switch
            {
                IPropertySymbol property => property.Type,
                IFieldSymbol field => field.Type,
                IMethodSymbol method => method.ReturnType,
                _ => null,
            };
            if (FloorOf(Space(symbol)) > floor || FloorOf(Space(type)) > floor)
            {
                yield return $"{Path.GetFileName(source.FilePath)}: {name.Identifier.Text}";
            }
        }
    }

    private static string? Space(ISymbol? symbol) => (symbol as INamespaceSymbol ?? symbol?.ContainingNamespace)?.ToDisplayString();

    private static string NamespaceOf(SyntaxTree source) =>
        source.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Single().Name.ToString();

    /// <summary>Negative for what is not the room's.</summary>
    private static int FloorOf(string? space)
    {
        string[] parts = space?.Split('.') ?? [];
        return parts.Length >= 2 && $"{parts[0]}.{parts[1]}" == Room ? Array.IndexOf(s_floors, parts.ElementAtOrDefault(2) ?? "") : -1;
    }

    private static SyntaxTree[] RoomsSources() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(ImageProject.RepositoryRoot, "NetworkStack"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
            .Select(path => Parse(File.ReadAllText(path), path)),
        // What the build writes (Version.targets).
        Parse($"namespace {Room} {{ public static class ProductVersion {{ public const string Text = \"\"; }} }}", "ProductVersion.cs"),
    ];

    private static SyntaxTree Parse(string text, string path) =>
        CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.CSharp14), path);
}
