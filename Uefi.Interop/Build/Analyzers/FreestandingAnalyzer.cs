using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NetBoot.Uefi.Interop.Build.Analyzers;

/// <summary>Refuses what C# takes but firmware cannot keep its promise of. What C# does not take is simply not in the core library.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FreestandingAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_catch = FreestandingCompilation.Rule(
        "NB0001", "No catch in firmware",
        "catch: a fault goes straight to the boundary around the entry from firmware and runs no catch. Expected failures are return values.");

    private static readonly DiagnosticDescriptor s_finalizer = FreestandingCompilation.Rule(
        "NB0002", "No finalizer in firmware",
        "finalizer: there is no collector that would run it. Give back what is owned in Dispose.");

    private static readonly DiagnosticDescriptor s_variance = FreestandingCompilation.Rule(
        "NB0003", "No variance in firmware",
        "in or out type parameter: calls through a variant interface or delegate are not resolved. Declare it without.");

    private static readonly DiagnosticDescriptor s_multiDimensionalArray = FreestandingCompilation.Rule(
        "NB0004", "No multi-dimensional array in firmware",
        "multi-dimensional array: the run time has none. Use an array of arrays, or one array with a computed index.");

    private static readonly DiagnosticDescriptor s_genericVirtualCall = FreestandingCompilation.Rule(
        "NB0005", "No call of a generic virtual method in firmware",
        "generic virtual method: there is no type loader that would find its code for a class. Make the type generic instead of the method, or call it on a struct.");

    private static readonly DiagnosticDescriptor s_textOfEnumeration = FreestandingCompilation.Rule(
        "NB0008", "No text of an enumeration in firmware",
        "text of an enumeration: the names of its members are not in the image. Cast it to its number, or name it by a switch.");

    private static readonly DiagnosticDescriptor s_textOfFloat = FreestandingCompilation.Rule(
        "NB0009", "No text of a floating-point number in firmware",
        "text of a floating-point number: what would write it is not there. Scale it and cast it to long.");

    private static readonly DiagnosticDescriptor s_lock = FreestandingCompilation.Rule(
        "NB0010", "No lock in firmware",
        "lock: there are no threads. What a notification touches too is kept from it by Firmware.RaiseTpl and RestoreTpl.");

    private static readonly DiagnosticDescriptor s_async = FreestandingCompilation.Rule(
        "NB0011", "No async in firmware",
        "async: there is nothing that would go on with it later. Wait in a loop, or have an Event call back.");

    private static readonly DiagnosticDescriptor s_arrayAsInterface = FreestandingCompilation.Rule(
        "NB0012", "No array as an interface in firmware",
        "array as an interface: arrays have none. Hand over a ReadOnlySpan, or a List made of it: [.. array].");

    private static readonly DiagnosticDescriptor s_equality = FreestandingCompilation.Rule(
        "NB0013", "No equality of a struct by its fields in firmware",
        "equality of a struct that does not say what it is: fields are not known at run time, and two would never be equal. Make it a record struct, or IEquatable.");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(
        s_catch, s_finalizer, s_variance, s_multiDimensionalArray, s_genericVirtualCall, s_textOfEnumeration, s_textOfFloat, s_lock, s_async,
        s_arrayAsInterface, s_equality);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(start =>
        {
            if (!start.Compilation.IsFreestanding())
            {
                return;
            }

            start.RegisterSyntaxNodeAction(
                CheckSyntax,
                SyntaxKind.CatchClause,
                SyntaxKind.DestructorDeclaration,
                SyntaxKind.MethodDeclaration,
                SyntaxKind.TypeParameter,
                SyntaxKind.ArrayRankSpecifier,
                SyntaxKind.ImplicitArrayCreationExpression,
                SyntaxKind.LockStatement,
                SyntaxKind.LocalFunctionStatement,
                SyntaxKind.SimpleLambdaExpression,
                SyntaxKind.ParenthesizedLambdaExpression,
                SyntaxKind.AnonymousMethodExpression);
            start.RegisterOperationAction(CheckReference, OperationKind.Invocation, OperationKind.MethodReference);
            start.RegisterOperationAction(CheckText, OperationKind.Invocation, OperationKind.Interpolation, OperationKind.Conversion);
            start.RegisterOperationAction(CheckArray, OperationKind.Conversion);
            start.RegisterOperationAction(CheckEquality, OperationKind.Invocation, OperationKind.ObjectCreation);
            start.RegisterSymbolAction(CheckRecord, SymbolKind.NamedType);
        });
    }

    private static void CheckSyntax(SyntaxNodeAnalysisContext context)
    {
        (DiagnosticDescriptor Rule, SyntaxToken Where)? found = context.Node switch
        {
            CatchClauseSyntax clause => (s_catch, clause.CatchKeyword),
            DestructorDeclarationSyntax destructor => (s_finalizer, destructor.TildeToken),
            MethodDeclarationSyntax method when OverridesFinalize(method) => (s_finalizer, method.Identifier),
            MethodDeclarationSyntax method => FindAsync(method.Modifiers),
            LocalFunctionStatementSyntax function => FindAsync(function.Modifiers),
            AnonymousFunctionExpressionSyntax function => FindAsync(function.Modifiers),
            LockStatementSyntax statement => (s_lock, statement.LockKeyword),
            TypeParameterSyntax parameter when !parameter.VarianceKeyword.IsKind(SyntaxKind.None) => (s_variance, parameter.VarianceKeyword),
            ArrayRankSpecifierSyntax { Rank: > 1 } rank when !rank.IsPartOfStructuredTrivia() => (s_multiDimensionalArray, rank.OpenBracketToken),
            ImplicitArrayCreationExpressionSyntax { Commas.Count: > 0 } array => (s_multiDimensionalArray, array.OpenBracketToken),
            _ => null,
        };
        if (found is (DiagnosticDescriptor rule, SyntaxToken where))
        {
            context.ReportDiagnostic(Diagnostic.Create(rule, where.GetLocation()));
        }
    }

    private static (DiagnosticDescriptor Rule, SyntaxToken Where)? FindAsync(SyntaxTokenList modifiers)
    {
        int index = modifiers.IndexOf(SyntaxKind.AsyncKeyword);
        return index < 0 ? null : (s_async, modifiers[index]);
    }

    /// <summary>What a finalizer is underneath, written as the method that it is.</summary>
    private static bool OverridesFinalize(MethodDeclarationSyntax method) =>
        method.Identifier.ValueText == "Finalize" &&
        method.ParameterList.Parameters.Count == 0 &&
        method.TypeParameterList is null &&
        (method.Modifiers.Any(SyntaxKind.OverrideKeyword) || method.Modifiers.Any(SyntaxKind.VirtualKeyword));

    /// <summary>
    /// A generic method is refused where it is called or made a delegate of, not where it is declared: a call on a struct, also on one that a
    /// type parameter stands for, goes to the one method that is known when it is compiled.
    /// </summary>
    private static void CheckReference(OperationAnalysisContext context)
    {
        (IMethodSymbol method, bool isVirtual, IOperation? instance) = context.Operation switch
        {
            IInvocationOperation call => (call.TargetMethod, call.IsVirtual, call.Instance),
            IMethodReferenceOperation reference => (reference.Method, reference.IsVirtual, reference.Instance),
            _ => default,
        };
        if (isVirtual && method.IsGenericMethod && instance?.Type is not (null or ITypeParameterSymbol { IsReferenceType: false } or { IsValueType: true }))
        {
            context.ReportDiagnostic(Diagnostic.Create(s_genericVirtualCall, context.Operation.Syntax.GetLocation()));
        }
    }

    /// <summary>Refuses what would be an empty text: of a type that does not know its own. An object made of it would not know it either.</summary>
    private static void CheckText(OperationAnalysisContext context)
    {
        IOperation? value = context.Operation switch
        {
            IInvocationOperation { TargetMethod.Name: "ToString" } call => call.Instance,
            IInterpolationOperation interpolation => interpolation.Expression,
            IConversionOperation { Type: { IsReferenceType: true, SpecialType: not SpecialType.System_Enum } } made => made.Operand,
            _ => null,
        };
        ITypeSymbol? type = value?.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : value?.Type;
        DiagnosticDescriptor? rule = type switch
        {
            { TypeKind: TypeKind.Enum } or { SpecialType: SpecialType.System_Enum } => s_textOfEnumeration,
            { SpecialType: SpecialType.System_Double or SpecialType.System_Single } => s_textOfFloat,
            _ => null,
        };
        if (rule is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(rule, value!.Syntax.GetLocation()));
        }
    }

    private static void CheckArray(OperationAnalysisContext context)
    {
        IConversionOperation conversion = (IConversionOperation)context.Operation;
        bool isLoop = conversion is { IsImplicit: true, Parent: IForEachLoopOperation }; // A loop over an array counts.
        if (!isLoop && conversion is { Operand.Type: IArrayTypeSymbol, Type.TypeKind: TypeKind.Interface })
        {
            context.ReportDiagnostic(Diagnostic.Create(s_arrayAsInterface, conversion.Operand.Syntax.GetLocation()));
        }
    }

    /// <summary>Refuses where values are compared by EqualityComparer.Default, or by what structs inherit, which answers that none are equal.</summary>
    private static void CheckEquality(OperationAnalysisContext context)
    {
        ITypeSymbol? compared = context.Operation switch
        {
            IInvocationOperation { TargetMethod: { ContainingType.SpecialType: SpecialType.System_ValueType } method } call
                when method.Name is "Equals" or "GetHashCode" => call.Instance?.Type,
            IInvocationOperation { TargetMethod: { ContainingType: { Name: "List", TypeArguments.Length: 1 } list } method }
                when method.Name is "Contains" or "IndexOf" or "Remove" => list.TypeArguments[0],
            IInvocationOperation { TargetMethod: { ContainingType.SpecialType: SpecialType.System_Array, Name: "IndexOf" } indexOf }
                when indexOf.TypeArguments.Length == 1 => indexOf.TypeArguments[0],
            IObjectCreationOperation { Type: INamedTypeSymbol { Name: "Dictionary" or "HashSet", TypeArguments.Length: > 0 } made } creation
                when !HasComparer(creation) => made.TypeArguments[0],
            _ => null,
        };
        if (compared is not null && HasNoEquality(compared))
        {
            context.ReportDiagnostic(Diagnostic.Create(s_equality, context.Operation.Syntax.GetLocation()));
        }
    }

    private static bool HasComparer(IObjectCreationOperation creation)
    {
        foreach (IArgumentOperation argument in creation.Arguments)
        {
            if (argument is { Parameter.Type.Name: "IEqualityComparer", IsImplicit: false })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A record's Equals, which the compiler writes, compares its fields.</summary>
    private static void CheckRecord(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (!type.IsRecord)
        {
            return;
        }

        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false } field && HasNoEquality(field.Type))
            {
                context.ReportDiagnostic(Diagnostic.Create(s_equality, (field.AssociatedSymbol ?? field).Locations[0]));
            }
        }
    }

    private static bool HasNoEquality(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            type = nullable.TypeArguments[0];
        }

        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRefLikeType: false } structure)
        {
            return false;
        }

        foreach (INamedTypeSymbol each in structure.AllInterfaces)
        {
            if (each.Name == "IEquatable" && SymbolEqualityComparer.Default.Equals(each.TypeArguments[0], structure))
            {
                return structure.IsTupleType && structure.TypeArguments.Any(HasNoEquality);
            }
        }

        foreach (ISymbol member in structure.GetMembers("Equals"))
        {
            if (member is IMethodSymbol { IsOverride: true })
            {
                return false;
            }
        }

        return true;
    }
}
