using System.Diagnostics.CodeAnalysis;

namespace System.Collections.Generic;

/// <summary>First in, first out. It grows in the arena that is current then. Taking from an empty one is a fault.</summary>
public class Queue<T> : IEnumerable<T>
{
    private T[] _items = Array.Empty<T>();
    private int _first;
    private int _count;

    public int Count => _count;

    public void Enqueue(T item)
    {
        if (_count == _items.Length)
        {
            T[] larger = new T[Math.Max(4, checked(_count * 2))];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = At(i);
            }

            _items = larger;
            _first = 0;
        }

        At(_count++) = item;
    }

    public T Dequeue()
    {
        if (!TryDequeue(out T? item))
        {
            throw new InvalidOperationException("Queue empty.");
        }

        return item;
    }

    public T Peek()
    {
        if (!TryPeek(out T? item))
        {
            throw new InvalidOperationException("Queue empty.");
        }

        return item;
    }

    public bool TryDequeue([MaybeNullWhen(false)] out T result)
    {
        if (!TryPeek(out result))
        {
            return false;
        }

        At(0) = default!;
        _first = _first + 1 == _items.Length ? 0 : _first + 1;
        _count--;
        return true;
    }

    public bool TryPeek([MaybeNullWhen(false)] out T result)
    {
        result = _count == 0 ? default : At(0);
        return _count != 0;
    }

    public void Clear()
    {
        Array.Clear(_items);
        _first = 0;
        _count = 0;
    }

    public T[] ToArray()
    {
        T[] array = new T[_count];
        for (int i = 0; i < _count; i++)
        {
            array[i] = At(i);
        }

        return array;
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < _count; i++)
        {
            yield return At(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ref T At(int index)
    {
        int at = _first + index;
        return ref _items[at < _items.Length ? at : at - _items.Length];
    }
}
