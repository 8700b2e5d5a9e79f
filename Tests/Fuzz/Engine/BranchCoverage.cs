using System;
using System.Collections.Generic;
using System.Linq;
using dnlib.DotNet;
using dnlib.DotNet.Emit;
using SharpFuzz.Common;

namespace NetBoot.Tests.Fuzz.Engine;

/// <summary>
/// Which branches of the product were taken, of all that there are: a method's entry, and where a jump leads or does not. In assemblies that
/// SharpFuzz has made to tell of each by name.
/// </summary>
internal sealed class BranchCoverage
{
    private readonly HashSet<(int Branch, string Method)> _taken = [];

    /// <summary>From now on.</summary>
    public BranchCoverage() => Trace.OnBranch = (branch, method) => _taken.Add((branch, method));

    /// <summary>A class, with those in it, its branches that were taken, and all that it has.</summary>
    public sealed record Count(string Class, int Taken, int All);

    /// <summary>The classes of which any branch was taken, by name.</summary>
    /// <param name="files">The assemblies.</param>
    public IReadOnlyList<Count> Measure(IEnumerable<string> files) =>
    [
        .. files.SelectMany(each => ModuleDefMD.Load(each).GetTypes()).GroupBy(OuterOf).Select(Measure)
            .Where(each => each.Taken != 0).OrderBy(each => each.Class, StringComparer.Ordinal),
    ];

    private Count Measure(IGrouping<TypeDef, TypeDef> types)
    {
        HashSet<(int, string)> all = [.. types.SelectMany(each => each.Methods).Where(each => each.HasBody).SelectMany(each => Branches(each.Body.Instructions))];
        return new Count(types.Key.FullName, all.Count(_taken.Contains), all.Count);
    }

    private static TypeDef OuterOf(TypeDef type) => type.DeclaringType is null ? type : OuterOf(type.DeclaringType);

    /// <summary>What is put in at each: the call of a delegate in <see cref="Trace.OnBranch"/> with a number and the method's name.</summary>
    private static IEnumerable<(int Branch, string Method)> Branches(IList<Instruction> code)
    {
        for (int i = 0; i + 2 < code.Count; i++)
        {
            if (code[i].Operand is MemberRef field && field.Name == nameof(Trace.OnBranch) && code[i + 2].Operand is string method)
            {
                yield return (code[i + 1].GetLdcI4Value(), method);
            }
        }
    }
}
