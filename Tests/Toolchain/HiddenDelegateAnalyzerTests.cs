using System;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis.CSharp;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>Each verdict of the analyzer is held against what the C# compiler makes of the same source: a field of its own, or none.</summary>
public sealed class HiddenDelegateAnalyzerTests
{
    /// <summary>What the sources of this class are put into.</summary>
    private const string Around = """
        using System;

        delegate void Proc();
        class Other { public static int S(int i) => i; public int I(int i) => i; }
        static class Extensions { public static int E(this string s) => 1; extension(string s) { public int X() => 2; public static int Y() => 3; } }
        interface IStatic { static abstract int A(); static virtual int V() => 1; }
        class Query<T> { public Query<U> Select<U>(Func<T, U> f) => null!; public Query<T> Where(Func<T, bool> f) => this; }
        partial class C
        {
            int _field;
            const int K = 3;
            static int s_field;
            static int S(int i) => i;
            static T G<T>(T t) => t;
            int I(int i) => i + _field;
            static void Use<T>(T t) { }
            static event Action? Happened { add { } remove { } }

        """;

    [Theory]

    // Lambdas.
    [InlineData("void M() => Use<Func<int>>(() => 1);", "NB0006(1,28)")]
    [InlineData("void M() => Use<Func<int>>(static () => 1);", "NB0006(1,28)")]
    [InlineData("void M() => Use<Action>(delegate { });", "NB0006(1,25)")]
    [InlineData("void M() => Use<Func<int, int>>(\nx =>\nx * K);", "NB0006(2,1)")]
    [InlineData("void M() { const int k = 1; Use<Func<int>>(() => k); }", "NB0006(1,44)")]
    [InlineData("void M(int p) => Use<Func<string>>(() => nameof(p) + nameof(_field));", "NB0006(1,36)")]
    [InlineData("void M() => Use<Func<int>>(() => s_field + S(1));", "NB0006(1,28)")]
    [InlineData("void M() { var f = (int x) => x; f(1); }", "NB0006(1,20)")]
    [InlineData("void M() { Use((object)(Func<int>)(() => 1)); }", "NB0006(1,36)")]
    [InlineData("void M() => Use(new Func<int>(() => 1));", "NB0006(1,31)")]
    [InlineData("Func<int> _f = () => 1;", "NB0006(1,16)")]
    [InlineData("Func<int> P => () => 1;", "NB0006(1,16)")]
    [InlineData("static Func<int> P => () => 1;", "NB0006(1,23)")]
    [InlineData("static Func<int> P { get; } = () => 1;", "")]
    [InlineData("static readonly Func<int, int> s_twice = x => x * 2;", "")]
    [InlineData("static readonly Func<int, int>[] s_all = [x => x * 2, S];", "")]
    [InlineData("static Func<int>? s_lazy; static Func<int> M() => s_lazy ??= () => 1;", "NB0006(1,62)")]
    [InlineData("static C() { Use<Func<int>>(() => 1); }", "")]
    [InlineData("static C() { void L() { Use<Func<int>>(() => 1); } L(); }", "NB0006(1,40)")]
    [InlineData("static readonly Func<Func<int>> s_nested = () => () => 1;", "NB0006(1,50)")]
    [InlineData("static readonly Action s_nested = () => Use<Func<int, int>>(S);", "")]
    [InlineData("class D<T> { Func<T> F() => () => default!; }", "NB0006(1,29)")]
    [InlineData("Func<T> M<T>() => () => default!;", "NB0006(1,19)")]
    [InlineData("void M() { Func<T> L<T>() => () => default!; Use(L<int>()); }", "")]
    [InlineData("void M() { Func<int> L() => () => 1; Use(L()); }", "NB0006(1,29)")]
    [InlineData("System.Collections.Generic.IEnumerable<int> M() { Use<Func<int>>(() => 1); yield return 1; }", "NB0006(1,66)")]
    [InlineData("void M(Query<int> q) => Use(from x in q where x > K select x + 1);", "NB0006(1,47) NB0006(1,60)")]
    [InlineData("void M(Query<int> q, int p) => Use(from x in q where x > p select x + p);", "")]
    [InlineData("void M() { Happened += () => { }; }", "NB0006(1,24)")]
    [InlineData("void M(Proc p) { M(delegate () { }); M(p); }", "NB0006(1,20)")]

    // Lambdas that capture: in a closure, or in the object.
    [InlineData("void M(int p) => Use<Func<int>>(() => p);", "")]
    [InlineData("void M() => Use<Func<int>>(() => _field);", "")]
    [InlineData("void M() => Use<Func<int>>(() => I(1));", "")]
    [InlineData("void M() => Use<Func<string?>>(() => base.ToString());", "")]
    [InlineData("void M() { int x = 1; Use<Action>(() => x++); }", "")]
    [InlineData("void M() { int x = 1; void L() => x++; Use<Action>(() => L()); }", "")]
    [InlineData("void M() { int x = 1; void L() => x++; void K() => L(); Use<Action>(() => { Action a = K; a(); }); }", "")]
    [InlineData("void M() { void L() { } Use<Action>(() => L()); }", "NB0006(1,37)")]
    [InlineData("void M() { void L(int i) { if (i > 0) { L(i - 1); } } Use<Action>(() => L(1)); }", "NB0006(1,67)")]
    [InlineData("void M() { T L<T>(T t) => t; Use<Func<int>>(() => L(1)); }", "NB0006(1,45)")]
    [InlineData("void M() { int x = 1; T L<T>(T t) { x++; return t; } Use<Func<int>>(() => L(1)); }", "")]
    [InlineData("void M() { void L(int i) => Use<Func<int>>(() => i); L(1); }", "")]
    [InlineData("void M(int p) => Use<Func<Func<int>>>(() => { int y = p; return () => y; });", "")]
    [InlineData("void M() => Use<Func<int, Func<int>>>(x => () => x);", "NB0006(1,39)")]
    [InlineData("void M() => Use<Func<int, Func<int>>>(x => () => 1);", "NB0006(1,39) NB0006(1,44)")]
    [InlineData("void M(int p) => Use<Func<int, Func<int>>>(x => () => x + p);", "")]
    [InlineData("class D(int p) { public Func<int> F() => () => p; }", "")]
    [InlineData("class D(int p) { public Func<int> F = () => p; }", "")]
    [InlineData("class D(int p) { public Func<int> F() { for (;;) { int q = 1; Use(q); return () => p; } } }", "")]
    [InlineData("class B(Func<int> f) { public Func<int> F => f; } class D(int p) : B(() => p);", "")]
    [InlineData("class B(Func<int> f) { public Func<int> F => f; } class D(int p) : B(() => 1) { public int P => p; }", "NB0006(1,70)")]
    [InlineData("int P { set => Use<Func<int>>(() => value); }", "")]
    [InlineData("void M(bool b) => Use<Func<int>>(() => b ? 1 : 2);", "")]
    [InlineData("void M(object o) { if (o is int i) { Use<Func<int>>(() => i); } }", "")]
    [InlineData("void M(int p) => Use<Func<C>>(() => new C { _field = 1 });", "NB0006(1,31)")]
    [InlineData("void M(int p) => Use<Func<C>>(() => new C { _field = p });", "")]

    // Methods.
    [InlineData("void M() => Use<Func<int, int>>(S);", "NB0006(1,33)")]
    [InlineData("void M() => Use<Func<int, int>>(Other.S);", "NB0006(1,33)")]
    [InlineData("void M() => Use<Func<int, int>>(G);", "NB0006(1,33)")]
    [InlineData("void M<T>() => Use<Func<T, T>>(G<T>);", "NB0006(1,32)")]
    [InlineData("void M() => Use((Func<int, int>)S);", "NB0006(1,33)")]
    [InlineData("void M() => Use(new Func<int, int>(S));", "")]
    [InlineData("void M() { var f = S; f(1); }", "NB0006(1,20)")]
    [InlineData("void M() => Use<Func<int, int>>(I);", "")]
    [InlineData("void M(Other o) => Use<Func<int, int>>(o.I);", "")]
    [InlineData("Func<int, int> _f = S;", "NB0006(1,21)")]
    [InlineData("static readonly Func<int, int> s_f = S;", "")]
    [InlineData("static C() { Use<Func<int, int>>(S); }", "")]
    [InlineData("static C() { Use<Action>(() => Use<Func<int, int>>(S)); }", "")]
    [InlineData("void M() { void L() { } Use<Action>(L); }", "")]
    [InlineData("void M() { static void L() { } Use<Action>(L); }", "NB0006(1,44)")]
    [InlineData("void M() { static void L<T>() { } Use<Action>(L<int>); }", "NB0006(1,47)")]
    [InlineData("void M(string s) => Use<Func<int>>(s.E);", "")]
    [InlineData("void M(string s) => Use<Func<string, int>>(Extensions.E);", "NB0006(1,44)")]
    [InlineData("void M(string s) => Use<Func<int>>(s.X);", "")]
    [InlineData("void M(string s) => Use<Func<int>>(string.Y);", "NB0006(1,36)")]
    [InlineData("void M<T>() where T : IStatic => Use<Func<int>>(T.A);", "NB0006(1,49)")]
    [InlineData("void M() { Happened -= H; } static void H() { }", "NB0006(1,24)")]
    [InlineData("static unsafe void M() { delegate*<int, int> f = &S; f(1); }", "")]

    // Loops and lambdas around a lambda.
    [InlineData("void M(int p) { for (int i = 0; i < p; i++) { Use<Func<int>>(() => p); } }", "NB0007(1,62)")]
    [InlineData("void M(int p) { while (p > 0) { int y = p--; Use<Func<int>>(() => p + 1); Use(y); } }", "NB0007(1,61)")]
    [InlineData("void M(int[] p) { foreach (int i in p) { Use<Func<int>>(() => p[0]); } }", "NB0007(1,57)")]
    [InlineData("void M(int p) { do { int y = p--; Use<Func<int>>(() => p); Use(y); } while (p > 0); }", "NB0007(1,50)")]
    [InlineData("void M(int p) { for (int i = 0, j = G<Func<int>>(() => p)(); i < j; i++) { } }", "NB0007(1,50)")]
    [InlineData("void M(int p) => Use<Func<Func<int>>>(() => () => p);", "NB0007(1,45)")]
    [InlineData("void M(int p) => Use<Action<int>>(x => { int z = x; if (z > 1) { Use<Func<int>>(() => p); } });", "NB0007(1,81)")]
    [InlineData("void M(int p) { for (int i = 0; i < p; i++) { Use<Func<int>>(() => i); } }", "")]
    [InlineData("void M(int p) { for (int i = 0; i < p; i++) { int y = i; Use<Func<int>>(() => y + p); } }", "")]
    [InlineData("void M(int[] p) { foreach (int i in p) { Use<Func<int>>(() => i); } }", "")]
    [InlineData("void M(object p) { while (p is int i) { Use<Func<int>>(() => i); } }", "")]
    [InlineData("void M(int p) { for (int i = 0; i < p; i++) { Use<Func<int>>(() => _field); } }", "")]
    [InlineData("void M(int p) { Func<int> f = () => p; for (int i = 0; i < 3; i++) { Use(f); } }", "")]
    [InlineData("void M(int p) { void L(int i) { Use<Func<int>>(() => p); } L(1); }", "")]
    public void Verdict_IsWhatTheCompilerDoes(string member, string expected)
    {
        CSharpCompilation compilation = Analysis.Freestanding($"{Around}\n#line 1\n{member}\n}}");
        Microsoft.CodeAnalysis.Diagnostic[] found = Analysis.Run(compilation, new HiddenDelegateAnalyzer());
        Assert.Equal(expected, string.Join(' ', found.Select(each => $"{each.Id}({each.Location.GetMappedLineSpan().StartLinePosition.Line + 1},{each.Location.GetMappedLineSpan().StartLinePosition.Character + 1})")));
        Assert.Equal(found.Length != 0, HasHiddenField(Analysis.Emit(compilation)));
        Assert.All(found, each => Assert.StartsWith(each.Id == "NB0006" ? "delegate: it captures nothing: " : "delegate: it captures only what is declared outside ", each.GetMessage()));
    }

    /// <summary>Where the compiler would not keep it in a field only because nothing else happens to be declared in the loop.</summary>
    [Theory]
    [InlineData("void M(int p) { while (p > 0) { Use<Func<int>>(() => p); } }")]
    [InlineData("void M(int p) => Use<Func<Func<int>>>(delegate { return () => p; });")]
    public void WhatOneMoreVariableWouldMakeHidden_IsRefused(string member)
    {
        CSharpCompilation compilation = Analysis.Freestanding($"{Around}\n{member}\n}}");
        Assert.Equal("NB0007", Assert.Single(Analysis.Run(compilation, new HiddenDelegateAnalyzer())).Id);
        Assert.False(HasHiddenField(Analysis.Emit(compilation)));
    }

    private static bool HasHiddenField(Stream assembly)
    {
        using PEReader reader = new(assembly);
        MetadataReader metadata = reader.GetMetadataReader();
        return metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Any(type =>
            IsDelegateCache(metadata.GetString(type.Name)) ||
            type.GetFields().Any(field => metadata.GetString(metadata.GetFieldDefinition(field).Name).StartsWith("<>9__", StringComparison.Ordinal)));
    }

    /// <summary><c>&lt;&gt;O</c>, or <c>&lt;Method&gt;O__1_0</c> where the delegate's type needs the method's type parameters.</summary>
    private static bool IsDelegateCache(string type) => type[(type.IndexOf('>') + 1)..].StartsWith('O') && type.StartsWith('<');
}
