using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("NetBoot.OvmfTest.LongestFirst", "NetBoot.OvmfTest")]

namespace NetBoot.OvmfTest;

/// <summary>Collections run beside each other: those that take longest begin first, so that none is left alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_longest =
    [
        "NestedLab", nameof(AppTests), nameof(PackagingTests), nameof(DistTests), nameof(PackageTests), nameof(HyperVTests), nameof(CycleTests), nameof(SnpTests),
        nameof(OptionRomTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(Place);

    private static int Place(ITestCollection collection)
    {
        int place = Array.FindIndex(s_longest, each => collection.DisplayName.Contains(each, StringComparison.Ordinal));
        return place < 0 ? s_longest.Length : place;
    }
}
