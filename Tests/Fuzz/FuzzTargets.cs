using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Fuzz;

internal static class FuzzTargets
{
    /// <summary>Every class below Parsers and Drivers that is one, by name.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. typeof(FuzzTarget).Assembly.GetTypes()
            .Where(each => each.IsSubclassOf(typeof(FuzzTarget)) && !each.IsAbstract && !each.IsNested)
            .Select(each => (FuzzTarget)Activator.CreateInstance(each)!)
            .OrderBy(each => each.Name, StringComparer.Ordinal),
    ];
}
