namespace System.Collections.Generic;

/// <summary>Values, each once: the keys of a dictionary, and under the same rules.</summary>
public class HashSet<T> : IEnumerable<T>
{
    private readonly Dictionary<Item, bool> _items;

    /// <summary>A dictionary's keys are never null; a set's values may be.</summary>
    private readonly struct Item(T value) : IEquatable<Item>
    {
        public readonly T Value = value;

        public bool Equals(Item other) => EqualityComparer<T>.Default.Equals(Value, other.Value);

        public override bool Equals(object? obj) => obj is Item other && Equals(other);

        public override int GetHashCode() => Value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(Value);
    }

    public HashSet()
        : this(0)
    {
    }

    public HashSet(int capacity)
    {
        _items = new Dictionary<Item, bool>(capacity);
    }

    public HashSet(IEnumerable<T> collection)
        : this(0) => UnionWith(collection);

    public int Count => _items.Count;

    public bool Add(T item) => _items.TryAdd(new Item(item), true);

    public bool Contains(T item) => _items.ContainsKey(new Item(item));

    public bool Remove(T item) => _items.Remove(new Item(item));

    public void Clear() => _items.Clear();

    public void UnionWith(IEnumerable<T> other)
    {
        foreach (T each in other)
        {
            Add(each);
        }
    }

    public void ExceptWith(IEnumerable<T> other)
    {
        foreach (T each in other)
        {
            Remove(each);
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        foreach (KeyValuePair<Item, bool> each in _items)
        {
            yield return each.Key.Value;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
