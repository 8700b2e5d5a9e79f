using System;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.Xen;

/// <summary>A node of the simulated xenstore, with all that is below it.</summary>
internal sealed class StoreNode
{
    public byte[] Value = [];

    /// <summary>Who may do all with it.</summary>
    public ushort Owner;

    /// <summary>Who else may read it, and list its children.</summary>
    public HashSet<ushort> Readers = [];

    /// <summary>Changes when a child comes or goes.</summary>
    public ulong Generation;

    public SortedDictionary<string, StoreNode> Children { get; } = new(StringComparer.Ordinal);

    public StoreNode Clone()
    {
        StoreNode clone = new() { Value = Value, Owner = Owner, Readers = [.. Readers], Generation = Generation };
        foreach ((string name, StoreNode child) in Children)
        {
            clone.Children.Add(name, child.Clone());
        }

        return clone;
    }

    public StoreNode? Find(string path)
    {
        StoreNode? node = this;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node = node?.Children.GetValueOrDefault(name);
        }

        return node;
    }

    public int CountOwned(ushort domain) => (Owner == domain ? 1 : 0) + Children.Values.Sum(each => each.CountOwned(domain));
}
