using System.Diagnostics.CodeAnalysis;

namespace System.Collections.Generic;

/// <summary>Last in, first out. It grows in the arena that is current then. Taking from an empty one is a fault.</summary>
public class Stack<T> : IEnumerable<T>
{
    private readonly List<T> _items = new();

    public int Count => _items.Count;

    public void Push(T item) => _items.Add(item);

    public T Pop()
    {
        if (!TryPop(out T? item))
        {
            throw new InvalidOperationException("Stack empty.");
        }

        return item;
    }

    public T Peek()
    {
        if (!TryPeek(out T? item))
        {
            throw new InvalidOperationException("Stack empty.");
        }

        return item;
    }

    public bool TryPop([MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
        {
            return false;
        }

        _items.RemoveAt(_items.Count - 1);
        return true;
    }

    public bool TryPeek([MaybeNullWhen(false)] out T result)
    {
        result = _items.Count == 0 ? default : _items[_items.Count - 1];
        return _items.Count != 0;
    }

    public void Clear() => _items.Clear();

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            yield return _items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
