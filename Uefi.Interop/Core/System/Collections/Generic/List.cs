using System.Runtime.CompilerServices;

namespace System.Collections.Generic;

/// <summary>
/// An array that grows. The longer array comes from the arena that is current when it grows, so a list is only added to under
/// the arena that it was made in; the array that it leaves is given back with that arena.
/// </summary>
public class List<T> : IEnumerable<T>
{
    private T[] _items;
    private int _size;

    public List()
    {
        _items = Array.Empty<T>();
    }

    public List(int capacity)
    {
        _items = capacity == 0 ? Array.Empty<T>() : new T[capacity];
    }

    public List(IEnumerable<T> collection)
        : this() => AddRange(collection);

    public int Count => _size;

    public int Capacity => _items.Length;

    public T this[int index]
    {
        get
        {
            Check(index);
            return _items[index];
        }
        set
        {
            Check(index);
            _items[index] = value;
        }
    }

    public void Add(T item)
    {
        Reserve(1);
        _items[_size++] = item;
    }

    public void AddRange(params ReadOnlySpan<T> source)
    {
        Reserve(source.Length);
        source.CopyTo(new Span<T>(_items, _size, source.Length));
        _size += source.Length;
    }

    public void AddRange(IEnumerable<T> collection)
    {
        foreach (T each in collection)
        {
            Add(each);
        }
    }

    public void Insert(int index, T item)
    {
        if ((uint)index > (uint)_size)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        Reserve(1);
        new ReadOnlySpan<T>(_items, index, _size - index).CopyTo(new Span<T>(_items, index + 1, _size - index));
        _items[index] = item;
        _size++;
    }

    public void RemoveAt(int index)
    {
        Check(index);
        _size--;
        new ReadOnlySpan<T>(_items, index + 1, _size - index).CopyTo(new Span<T>(_items, index, _size - index));
        _items[_size] = default!;
    }

    /// <summary>Removes the first item that is the same: of classes the same object, of structs what their Equals says.</summary>
    public bool Remove(T item)
    {
        int index = IndexOf(item);
        if (index < 0)
        {
            return false;
        }

        RemoveAt(index);
        return true;
    }

    public int RemoveAll(Predicate<T> match)
    {
        int kept = 0;
        for (int i = 0; i < _size; i++)
        {
            if (!match(_items[i]))
            {
                _items[kept++] = _items[i];
            }
        }

        int removed = _size - kept;
        new Span<T>(_items, kept, removed).Clear();
        _size = kept;
        return removed;
    }

    public int FindIndex(Predicate<T> match)
    {
        for (int i = 0; i < _size; i++)
        {
            if (match(_items[i]))
            {
                return i;
            }
        }

        return -1;
    }

    public T? Find(Predicate<T> match)
    {
        int index = FindIndex(match);
        return index < 0 ? default : _items[index];
    }

    public bool Exists(Predicate<T> match) => FindIndex(match) >= 0;

    public void Reverse() => AsSpan().Reverse();

    public int IndexOf(T item)
    {
        for (int i = 0; i < _size; i++)
        {
            if (item is null ? _items[i] is null : item.Equals(_items[i]))
            {
                return i;
            }
        }

        return -1;
    }

    public bool Contains(T item) => IndexOf(item) >= 0;

    public void Clear()
    {
        new Span<T>(_items, 0, _size).Clear();
        _size = 0;
    }

    public T[] ToArray() => new ReadOnlySpan<T>(_items, 0, _size).ToArray();

    /// <summary>Sorts by insertion, which keeps the order of equals: for the short lists that firmware code has.</summary>
    public void Sort(Comparison<T> comparison)
    {
        for (int i = 1; i < _size; i++)
        {
            T item = _items[i];
            int at = i;
            for (; at > 0 && comparison(_items[at - 1], item) > 0; at--)
            {
                _items[at] = _items[at - 1];
            }

            _items[at] = item;
        }
    }

    /// <summary>The same, by what the type's IComparable says.</summary>
    public void Sort() => Array.SortByInsertion(AsSpan());

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => Enumerate();

    IEnumerator IEnumerable.GetEnumerator() => Enumerate();

    private IEnumerator<T> Enumerate()
    {
        for (int i = 0; i < _size; i++)
        {
            yield return _items[i];
        }
    }

    internal Span<T> AsSpan() => new(_items, 0, _size);

    private void Check(int index)
    {
        if ((uint)index >= (uint)_size)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }
    }

    private void Reserve(int more)
    {
        if (_items.Length - _size >= more)
        {
            return;
        }

        T[] larger = new T[Math.Max(Math.Max(4, _items.Length * 2), checked(_size + more))];
        new ReadOnlySpan<T>(_items, 0, _size).CopyTo(larger);
        _items = larger;
    }

    public struct Enumerator
    {
        private readonly List<T> _list;
        private int _index;

        internal Enumerator(List<T> list)
        {
            _list = list;
            _index = -1;
        }

        public bool MoveNext() => ++_index < _list._size;

        public readonly T Current => _list[_index];
    }
}
