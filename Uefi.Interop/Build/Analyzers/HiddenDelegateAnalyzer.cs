using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NetBoot.Uefi.Interop.Build.Analyzers;

/// <summary>
/// Refuses delegates that the C# compiler would keep in a field of its own, made at first use. Here they would be made in whatever arena is
/// current then, and be gone with that arena. In a static readonly field they are made when the image is compiled.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HiddenDelegateAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_static = FreestandingCompilation.Rule(
        "NB0006", "No delegate in a hidden static field",
        "delegate: it captures nothing: the compiler keeps it in a hidden static field, and it would be lost with the arena that is current when it is first used. Keep it in a static readonly field, as in: private static readonly Func<int, int> s_twice = x => x * 2;");

    private static readonly DiagnosticDescriptor s_closure = FreestandingCompilation.Rule(
        "NB0007", "No delegate in a hidden field of its closure",
        "delegate: it captures only what is declared outside of the loop or lambda that it is in: the compiler may keep it in a hidden field beside that, and it would be lost with the arena that is current when it is first used. Make it where what it captures is declared.");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(s_static, s_closure);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.IsFreestanding())
            {
                start.RegisterOperationAction(Check, OperationKind.DelegateCreation);
            }
        });
    }

    private static void Check(OperationAnalysisContext context)
    {
        IDelegateCreationOperation creation = (IDelegateCreationOperation)context.Operation;
        DiagnosticDescriptor? rule = creation.Target switch
        {
            IMethodReferenceOperation reference => IsKept(creation, reference, context.ContainingSymbol) ? s_static : null,
            IAnonymousFunctionOperation function => Check(creation, function, context.ContainingSymbol),
            _ => null,
        };
        if (rule is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(rule, creation.Target.Syntax.GetLocation()));
        }
    }

    /// <summary>A conversion of a static method to a delegate is kept; <c>new Action(Method)</c> is not.</summary>
    private static bool IsKept(IDelegateCreationOperation creation, IMethodReferenceOperation reference, ISymbol member) =>
        reference.Method.IsStatic &&
        reference.Instance is null &&
        creation.Syntax is not BaseObjectCreationExpressionSyntax &&
        !IsStaticInitializer(member);

    private static DiagnosticDescriptor? Check(IDelegateCreationOperation creation, IAnonymousFunctionOperation function, ISymbol member)
    {
        Captures captures = new(function);
        if (captures.IsEmpty)
        {
            List<IOperation> around = EnclosingFunctions(creation).ToList();
            bool isInitializer = around.Count == 0 && IsStaticInitializer(member);
            bool isInGenericLocalFunction = around.Any(each => each is ILocalFunctionOperation { Symbol.IsGenericMethod: true });
            return isInitializer || isInGenericLocalFunction ? null : s_static;
        }

        return captures.AreOutsideOfALoop() ? s_closure : null;
    }

    /// <summary>What runs once, before all else of its type: there the compiler keeps nothing.</summary>
    private static bool IsStaticInitializer(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.StaticConstructor } or (not IMethodSymbol) and { IsStatic: true };

    private static IEnumerable<IOperation> EnclosingFunctions(IOperation operation)
    {
        for (IOperation? each = operation.Parent; each is not null; each = each.Parent)
        {
            if (each is IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                yield return each;
            }
        }
    }

    /// <summary>What a lambda takes along from around it, itself or through the local functions that it uses.</summary>
    private sealed class Captures
    {
        private readonly IAnonymousFunctionOperation _function;
        private readonly HashSet<ISymbol> _variables = new(SymbolEqualityComparer.Default);
        private readonly HashSet<ISymbol> _localFunctions = new(SymbolEqualityComparer.Default);
        private bool _hasThis;

        public Captures(IAnonymousFunctionOperation function)
        {
            _function = function;
            Collect(function.Body, function.Symbol);
        }

        public bool IsEmpty => !_hasThis && _variables.Count == 0;

        /// <summary>
        /// The lambda is made many times with the same closure. Whether the compiler then keeps it depends on whatever else is declared
        /// between the two. With nothing but <c>this</c> it becomes a method beside the one that it is in, and there is no closure.
        /// </summary>
        public bool AreOutsideOfALoop()
        {
            SyntaxNode? around = _function.Syntax.Ancestors().FirstOrDefault(node =>
                node is CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax or AnonymousFunctionExpressionSyntax);
            return around is not null &&
                _variables.Count != 0 &&
                !_variables.SelectMany(variable => variable.DeclaringSyntaxReferences).Any(each => around.FullSpan.Contains(each.Span));
        }

        private void Collect(IOperation body, IMethodSymbol owner)
        {
            Stack<IOperation> rest = new();
            rest.Push(body);
            while (rest.Count > 0)
            {
                IOperation operation = rest.Pop();
                switch (operation)
                {
                    case INameOfOperation:
                        continue;
                    case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                        _hasThis = true;
                        break;
                    case ILocalReferenceOperation { Local.IsConst: false } local:
                        Add(local.Local, owner);
                        break;
                    case IParameterReferenceOperation parameter:
                        Add(parameter.Parameter, owner);
                        break;
                    case IInvocationOperation call:
                        CollectLocalFunction(call.TargetMethod, call.SemanticModel!);
                        break;
                    case IMethodReferenceOperation reference:
                        CollectLocalFunction(reference.Method, reference.SemanticModel!);
                        break;
                }

                foreach (IOperation child in operation.ChildOperations)
                {
                    rest.Push(child);
                }
            }
        }

        private void Add(ISymbol variable, IMethodSymbol owner)
        {
            for (ISymbol? each = variable.ContainingSymbol; each is IMethodSymbol; each = each.ContainingSymbol)
            {
                if (SymbolEqualityComparer.Default.Equals(each, owner))
                {
                    return; // its own
                }
            }

            if (IsFieldOfThis(variable))
            {
                _hasThis = true;
                return;
            }

            _variables.Add(variable);
        }

        /// <summary>A parameter of a primary constructor, seen from another member: a field without a name.</summary>
        private bool IsFieldOfThis(ISymbol variable)
        {
            ISymbol member = _function.Symbol;
            while (member.ContainingSymbol is IMethodSymbol)
            {
                member = member.ContainingSymbol;
            }

            return variable.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor &&
                member is IMethodSymbol { MethodKind: not (MethodKind.AnonymousFunction or MethodKind.LocalFunction) } &&
                !SymbolEqualityComparer.Default.Equals(member, constructor);
        }

        private void CollectLocalFunction(IMethodSymbol method, SemanticModel model)
        {
            if (method.MethodKind == MethodKind.LocalFunction &&
                _localFunctions.Add(method.OriginalDefinition) &&
                model.GetOperation(method.OriginalDefinition.DeclaringSyntaxReferences[0].GetSyntax()) is ILocalFunctionOperation { Body: IOperation body })
            {
                Collect(body, method.OriginalDefinition);
            }
        }
    }
}
