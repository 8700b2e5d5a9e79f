using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NetBoot.Uefi.Interop.Build.Analyzers;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>Every spelling of what cannot work in firmware, and what only looks like it.</summary>
public sealed class FreestandingAnalyzerTests
{
    private const string Catch = "catch: a fault goes straight to the boundary around the entry from firmware and runs no catch. Expected failures are return values.";
    private const string Finalizer = "finalizer: there is no collector that would run it. Give back what is owned in Dispose.";
    private const string Variance = "in or out type parameter: calls through a variant interface or delegate are not resolved. Declare it without.";
    private const string Array = "multi-dimensional array: the run time has none. Use an array of arrays, or one array with a computed index.";
    private const string Virtual = "generic virtual method: there is no type loader that would find its code for a class. Make the type generic instead of the method, or call it on a struct.";

    [Theory]
    [InlineData("class C { void M() { try{}catch{} } }", "NB0001(1,27)")]
    [InlineData("class C { void M() { try { } catch (System.Exception) { } } }", "NB0001(1,30)")]
    [InlineData("using System; class C { void M() { try{}catch(Exception e)when(e!=null){} } }", "NB0001(1,41)")]
    [InlineData("class C { void M() { try { } catch when (true) { } finally { } } }", "NB0001(1,30)")]
    [InlineData("class C { void M() { try { }\n/* a */ // b\n\tcatch\n(System.Exception) { } } }", "NB0001(3,2)")]
    [InlineData("using System; class C { void M() { try { } catch (InvalidOperationException) { }\ncatch (Exception) { }\ncatch { } } }", "NB0001(1,44) NB0001(2,1) NB0001(3,1)")]
    [InlineData("class C { void M() { try { try { } catch { } }\nfinally { try { } catch { } } } }", "NB0001(1,36) NB0001(2,19)")]
    [InlineData("class C { void M() { void L() { try { } catch { } } L(); } }", "NB0001(1,41)")]
    [InlineData("class C { static readonly System.Action A = () => { try { } catch { } }; }", "NB0001(1,61)")]
    [InlineData("class C { System.Action A(int i) => delegate { try { i++; } catch { } }; }", "NB0001(1,61)")]
    [InlineData("class C { int P { get { try { return 1; } catch { return 2; } } } }", "NB0001(1,43)")]
    [InlineData("class C { C() { try { } catch { } } static C() { try { } catch { } } }", "NB0001(1,25) NB0001(1,58)")]
    [InlineData("struct S { public static S operator +(S a, S b) { try { return a; } catch { return b; } } }", "NB0001(1,69)")]
    [InlineData("interface I { void M() { try { } catch { } } }", "NB0001(1,34)")]
    [InlineData("static class C { extension(int i) { void M() { try { } catch { } } } }", "NB0001(1,56)")]
    public void Catch_IsRefused(string source, string expected) => Refuses(source, expected, Catch);

    [Theory]
    [InlineData("enum E { A } class C { string M(E e) => $\"{e}\"; }", "NB0008(1,44)")]
    [InlineData("enum E { A } class C { string? M(E? e) => $\"{e,4}\" + e; string? N(E e) => e.ToString(); }", "NB0008(1,46) NB0008(1,54) NB0008(1,75)")]
    [InlineData("enum E { A } class C { object M() => E.A; string N(params object[] o) => N(E.A, 1); bool P(E e) => ((object)e).Equals(e); }", "NB0008(1,38) NB0008(1,76) NB0008(1,109) NB0008(1,119)")]
    [InlineData("class C { string? M(System.Enum e) => $\"{e}\" + e.ToString(); }", "NB0008(1,42) NB0008(1,48)")]
    public void TextOfAnEnumeration_IsRefused(string source, string expected) => Refuses(
        source, expected, "text of an enumeration: the names of its members are not in the image. Cast it to its number, or name it by a switch.");

    [Theory]
    [InlineData("class C { string M(double d) => $\"{d}\"; }", "NB0009(1,36)")]
    [InlineData("class C { string? M(float? f) => 1 + \" \" + f + (object)1.5; string? N(float f) => f.ToString(); }", "NB0009(1,44) NB0009(1,56) NB0009(1,83)")]
    public void TextOfAFloatingPointNumber_IsRefused(string source, string expected) => Refuses(
        source, expected, "text of a floating-point number: what would write it is not there. Scale it and cast it to long.");

    [Theory]
    [InlineData("using System.Collections.Generic; class C { IEnumerable<int> M(int[] a) => a; }", "NB0012(1,76)")]
    [InlineData("using System.Collections.Generic; class C { string M(int[] a) => string.Join(\" \", a); List<int> N(int[] a) => new(a); }", "NB0012(1,83) NB0012(1,115)")]
    [InlineData("using System.Collections.Generic; class C { string M(string[] a) => string.Join(\" \", a); List<int> N(int[] a) => [.. a]; object O(int[] a) => a; }", "")]
    public void ArrayAsAnInterface_IsRefused(string source, string expected) => Refuses(
        source, expected, "array as an interface: arrays have none. Hand over a ReadOnlySpan, or a List made of it: [.. array].");

    [Theory]
    [InlineData("using System.Collections.Generic; struct S { int I; } class C { bool M(List<S> l, S s) => l.Contains(s); int N(S[] a) => System.Array.IndexOf(a, a[0]); }", "NB0013(1,91) NB0013(1,122)")]
    [InlineData("using System.Collections.Generic; struct S { } class C { object A = new Dictionary<S, int>(); HashSet<S> B = new(); object D = new HashSet<(int, S?)>(); }", "NB0013(1,69) NB0013(1,110) NB0013(1,128)")]
    [InlineData("struct S { } class C { bool M(S s) => s.Equals(s); int N(S s) => s.GetHashCode(); }", "NB0013(1,39) NB0013(1,66)")]
    [InlineData("struct S { } record struct R(int A, S B); record C(S D) { S F; }", "NB0013(1,39) NB0013(1,54) NB0013(1,61)")]
    [InlineData("using System.Collections.Generic; record struct R(int A, (int, string) B); struct S : System.IEquatable<S> { public bool Equals(S o) => true; } struct O { public override bool Equals(object? o) => true; public override int GetHashCode() => 1; } enum E { } class C { object[] A = [new HashSet<R>(), new HashSet<S>(), new Dictionary<O, int>(), new HashSet<E?>(), new Dictionary<string, P>()]; bool M(List<R> l, R r) => l.Contains(r) && r.Equals(r); } struct P { }", "")]
    [InlineData("using System.Collections.Generic; struct S { } class Q : IEqualityComparer<S> { public bool Equals(S a, S b) => true; public int GetHashCode(S s) => 1; object A = new Dictionary<S, int>(new Q()); }", "")]
    public void EqualityOfAStructThatDoesNotSayIt_IsRefused(string source, string expected) => Refuses(
        source, expected, "equality of a struct that does not say what it is: fields are not known at run time, and two would never be equal. Make it a record struct, or IEquatable.");

    [Theory]
    [InlineData("class C { ~C() { } }", "NB0002(1,11)")]
    [InlineData("class C { ~\n C() { } }", "NB0002(1,11)")]
    [InlineData("class C { ~ /* c */ C() => M(); void M() { } }", "NB0002(1,11)")]
    [InlineData("class C { extern ~C(); }", "NB0002(1,18)")]
    [InlineData("class C { class D { unsafe ~D() { } } }", "NB0002(1,28)")]
    [InlineData("partial class C { } partial class C\n{\n    [System.Obsolete] ~C() { }\n}", "NB0002(3,23)")]
    [InlineData("class C { protected virtual void Finalize() { } }", "NB0002(1,34)")]
    [InlineData("class C { protected virtual void \\u0046inalize() { } }", "NB0002(1,34)")]
    [InlineData("class C { internal virtual void @Finalize() { } } class D : C { internal sealed override void Finalize() { } }", "NB0002(1,33) NB0002(1,95)")]
    public void Finalizer_IsRefused(string source, string expected) => Refuses(source, expected, Finalizer);

    [Theory]
    [InlineData("interface I<in T> { }", "NB0003(1,13)")]
    [InlineData("interface I<in T, out U> { }", "NB0003(1,13) NB0003(1,19)")]
    [InlineData("interface I<T,out\nU>{}", "NB0003(1,15)")]
    [InlineData("interface I<\n  /* in */ T,\n  [A] in U> { } class A : System.Attribute { }", "NB0003(3,7)")]
    [InlineData("delegate T F<out T>();", "NB0003(1,14)")]
    [InlineData("delegate void F<in T>(T t);", "NB0003(1,17)")]
    [InlineData("delegate System.Func<int, int[]> F<in T>(T t) where T : class;", "NB0003(1,36)")]
    [InlineData("class C { delegate (int A, T B) F<T, in U>(U u); }", "NB0003(1,38)")]
    [InlineData("class C { interface I<out T> { } struct S { delegate void F<in T>(T t); } }", "NB0003(1,23) NB0003(1,61)")]
    [InlineData("interface I<T> { interface J<in U> { interface K<out V> { } } }", "NB0003(1,30) NB0003(1,50)")]
    [InlineData("partial interface I<out T> { } partial interface I<out T> { }", "NB0003(1,21) NB0003(1,52)")]
    public void Variance_IsRefused(string source, string expected) => Refuses(source, expected, Variance);

    [Theory]
    [InlineData("class C { int[,]? _f; int G() => _f![0, 0]; }", "NB0004(1,14)")]
    [InlineData("class C { object M(int i) => new int[i, 3]; }", "NB0004(1,37)")]
    [InlineData("class C { object M() => new[,] { { 1 }, { 2 } }; }", "NB0004(1,28)")]
    [InlineData("class C { object M() => new int[3][,]; }", "NB0004(1,35)")]
    [InlineData("class C { int[ , ,][] M() => null!; }", "NB0004(1,14)")]
    [InlineData("class C { bool M(object o) => o is string[,]; }", "NB0004(1,42)")]
    [InlineData("class C { int M() => default(T<int[,]>).I; struct T<V> { public int I; } }", "NB0004(1,35)")]
    public void MultiDimensionalArray_IsRefused(string source, string expected) => Refuses(source, expected, Array);

    [Theory]
    [InlineData("interface I { int M<T>(); } class C { int M(I i) => i.M<int>(); }", "NB0005(1,53)")]
    [InlineData("class B { public virtual int M<T>() => 1; int N() => M<int>(); }", "NB0005(1,54)")]
    [InlineData("abstract class B { protected abstract int M<T>(T t); int N() => this.M(1) + M(2); }", "NB0005(1,65) NB0005(1,77)")]
    [InlineData("class B { public virtual int M<T>() => 1; } sealed class S : B { public sealed override int M<T>() => 2; static int N(S s) => s.M<int>(); }", "NB0005(1,127)")]
    [InlineData("class B { public virtual int M<T>() => 1; static int N(B? b) => b?.M<int>() ?? 0; }", "NB0005(1,67)")]
    [InlineData("class B { public virtual int M<T>() => 1; static System.Func<int> N(B b) => b.M<int>; }", "NB0005(1,77)")]
    [InlineData("interface I { int M<T>(); } class C { int M<U>(U i) where U : class, I => i.M<int>(); }", "NB0005(1,75)")]
    public void CallOfAGenericVirtualMethod_IsRefused(string source, string expected) => Refuses(source, expected, Virtual);

    [Theory]
    [InlineData("class C { void M() { try { } finally { } } }")]
    [InlineData("class C { void M() { string s = \"try { } catch { }\"; /* try { } catch { } */ } } // catch { }")]
    [InlineData("class C { int @catch; int M() => @catch; }")]
    [InlineData("#if NEVER\nclass C { ~C() { try { } catch { } } }\ninterface I<in T> { }\n#endif")]
    [InlineData("class C { int M(int i) => ~i; int N(int C) => ~(C); }")]
    [InlineData("class C { void Finalize(int i) { } void Finalize<T>() { } class D { protected void Finalize() { } } }")]
    [InlineData("interface I<T> { void M(in T t, out T u); } delegate void F<T>(in T t, out T u);")]
    [InlineData("class C { void M(int[] numbers) { foreach (int each in numbers) { } } }")]
    [InlineData("class C { int[][] M() => new int[2][]; int[] N() => new[] { 1, 2 }; System.ReadOnlySpan<int> S => [1, 2]; }")]
    [InlineData("class G<A, B> { } /** <see cref=\"M(int[,])\"/> */ class C { G<int, int>[] M() => new G<int, int>[1]; int this[int x, int y] => x; int N() => this[1, 2]; }")]
    [InlineData("interface I { int M<T>(); } struct V : I { public int M<T>() => 1; } class C { int M() => new V().M<int>() + N(new V()); int N<U>(U i) where U : I => i.M<int>(); }")]
    [InlineData("interface I<T> { int M(T t); } class B { public virtual int N<T>() => 1; int G<T>() => 1; int H() => G<int>(); } class D : B { public override int N<T>() => base.N<T>(); }")]
    [InlineData("enum E { A } class C { string M(E e, double d) => $\"{(int)e} {(long)d} {E.A == e} {nameof(E.A)}\"; bool N(E e) => e.HasFlag(E.A); }")]
    public void WhatOnlyLooksLikeIt_Passes(string source) => Refuses(source, "", "");

    [Theory]
    [InlineData("#pragma warning disable\n#pragma warning disable NB0001\nclass C { void M() { try { } catch { } } }")]
    [InlineData("// <auto-generated/>\n\nclass C { void M() { try { } catch { } } }")]
    [InlineData("namespace System.Diagnostics.CodeAnalysis { class SuppressMessageAttribute(string a, string b) : Attribute { } }\n[System.Diagnostics.CodeAnalysis.SuppressMessage(\"Firmware\", \"NB0001\")]\nclass C { void M() { try { } catch { } } }")]
    public void NothingTurnsItOff(string source) => Refuses(source, "NB0001(3,30)", Catch);

    [Theory]
    [InlineData(ReportDiagnostic.Suppress)]
    [InlineData(ReportDiagnostic.Hidden)]
    [InlineData(ReportDiagnostic.Warn)]
    public void NoOptionTurnsItOff(ReportDiagnostic severity)
    {
        CSharpCompilation compilation = Analysis.Freestanding("class C { ~C() { } }");
        compilation = compilation.WithOptions(compilation.Options.WithSpecificDiagnosticOptions([new("NB0002", severity)]));
        Assert.Equal(DiagnosticSeverity.Error, Assert.Single(Analysis.Run(compilation, new FreestandingAnalyzer())).Severity);
    }

    [Fact]
    public void OnTheHostAndInTheCoreLibrary_NothingIsRefused()
    {
        const string source = "class C { ~C() { try { } catch { } } interface I<in T> { } int[,]? _f; static System.Func<int> F() => () => 1; }";
        Assert.Empty(Analysis.Run(Analysis.Hosted(source), new FreestandingAnalyzer()));
        Assert.Empty(Analysis.Run(Analysis.Hosted(source), new HiddenDelegateAnalyzer()));
        Assert.NotEmpty(Analysis.Run(Analysis.Freestanding(source), new FreestandingAnalyzer()));
        Assert.Empty(Analysis.Run(Analysis.Core.AddSyntaxTrees(Analysis.Freestanding(source).SyntaxTrees), new FreestandingAnalyzer()));
    }

    private static void Refuses(string source, string expected, string message)
    {
        Diagnostic[] found = Analysis.Run(Analysis.Freestanding(source), new FreestandingAnalyzer());
        Assert.Equal(expected, Analysis.Show(found));
        Assert.All(found, each => Assert.Equal((DiagnosticSeverity.Error, message, false), (each.Severity, each.GetMessage(), each.IsSuppressed)));
    }
}
