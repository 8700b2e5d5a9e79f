using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>What becomes of Main, in each shape that C# lets it have. That firmware can call it, BuildTests and the tests in firmware show.</summary>
public sealed class EntryPointGeneratorTests
{
    [Theory]
    [InlineData("class Program { static void Main() { } }", "Main", "Program, Sample", "CallMain(null); return 0;")]
    [InlineData("static class P { private static int Main() => 3; }", "Main", "P, Sample", "return CallMain(null);")]
    [InlineData("namespace A.B { class C { class D { static int Main(string[] words) => words.Length; } } }", "Main", "A.B.C+D, Sample", "return CallMain(null, args);")]
    [InlineData("_ = 1;", "<Main>$", "Program, Sample", "CallMain(null, null!); return 0;")]
    [InlineData("return args.Length;", "<Main>$", "Program, Sample", "return CallMain(null, args);")]
    [InlineData("F(); static void F() { } return 1;", "<Main>$", "Program, Sample", "return CallMain(null, null!);")]
    public void Main_GetsAnEntryPointThatCallsIt(string source, string name, string type, string call)
    {
        string made = Assert.Single(Generate(source));
        Assert.Contains("UnmanagedCallersOnly(EntryPoint = \"EfiMain\")", made);
        Assert.Contains("ImageEntry.RunProgram(\"Sample\", image, table, &Run)", made);
        Assert.Contains($"Name = \"{name}\"", made);
        Assert.Contains($"UnsafeAccessorType(\"{type}\")", made);
        Assert.Contains(call, made);
        Assert.Equal(call.Contains("args"), made.Contains("Run(string[] args)"));
    }

    [Fact]
    public void AProgramWithAnEntryPointOfItsOwn_AndALibrary_AreLeftAlone()
    {
        const string own = """
            using System.Runtime.InteropServices;
            class C { static void Main() { } [UnmanagedCallersOnly(EntryPoint = "EfiMain")] static nuint Begin() => 0; }
            """;
        Assert.Empty(Generate(own));
        Assert.Single(Generate(own.Replace("EfiMain", "Other")));
        Assert.Empty(Generate("class C { static void Main() { } }", OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(Generate("class C { }"));
    }

    [Fact]
    public void OnTheHost_NothingIsMade()
    {
        CSharpCompilation hosted = Analysis.Hosted("class C { static void Main() { } }");
        Assert.Empty(Run(hosted.WithOptions(hosted.Options.WithOutputKind(OutputKind.ConsoleApplication))));
    }

    private static string[] Generate(string source, OutputKind kind = OutputKind.ConsoleApplication)
    {
        CSharpCompilation compilation = Analysis.Freestanding(source);
        return Run(compilation.WithOptions(compilation.Options.WithOutputKind(kind)));
    }

    private static string[] Run(CSharpCompilation compilation)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new EntryPointGenerator()).RunGenerators(compilation);
        return [.. driver.GetRunResult().GeneratedTrees.Select(tree => tree.ToString())];
    }
}
