using System.Diagnostics.CodeAnalysis;

namespace System.Collections.Generic;

/// <summary>
/// Values by key. It grows in the arena that is current then, so one is only added to under the arena that it was made in. Enumerated in the
/// order of adding, where a new entry takes the place of the last removed.
/// </summary>
public class Dictionary<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private const int End = -1;

    private readonly IEqualityComparer<TKey>? _comparer;
    private int[] _buckets; // The index of the first entry + 1; as many as there are entries, a power of two.
    private Entry[] _entries;
    private int _used;
    private int _free = End; // The last removed entry; the one before it is its Next.
    private int _freeCount;

    private struct Entry
    {
        public int Hash;
        public int Next;
        public bool IsUsed;
        public TKey Key;
        public TValue Value;
    }

    public Dictionary()
        : this(0, null)
    {
    }

    public Dictionary(int capacity)
        : this(capacity, null)
    {
    }

    public Dictionary(IEqualityComparer<TKey>? comparer)
        : this(0, comparer)
    {
    }

    public Dictionary(int capacity, IEqualityComparer<TKey>? comparer)
    {
        if (capacity < 0)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        _comparer = comparer;
        int size = 4;
        while (size < capacity)
        {
            size = checked(size * 2);
        }

        _buckets = new int[size];
        _entries = new Entry[size];
    }

    public Dictionary(IEnumerable<KeyValuePair<TKey, TValue>> collection)
        : this()
    {
        foreach (KeyValuePair<TKey, TValue> each in collection)
        {
            Add(each.Key, each.Value);
        }
    }

    public int Count => _used - _freeCount;

    public KeyCollection Keys => new(this);

    public ValueCollection Values => new(this);

    /// <summary>Reading a key that is not there is a fault: ask <see cref="TryGetValue"/>.</summary>
    public TValue this[TKey key]
    {
        get
        {
            int index = Find(key);
            if (index < 0)
            {
                throw new KeyNotFoundException($"The given key '{key}' was not present in the dictionary.");
            }

            return _entries[index].Value;
        }
        set
        {
            int index = Find(key);
            if (index >= 0)
            {
                _entries[index].Value = value;
            }
            else
            {
                Append(key, value);
            }
        }
    }

    /// <summary>A key that is there already is a fault.</summary>
    public void Add(TKey key, TValue value)
    {
        if (!TryAdd(key, value))
        {
            throw new ArgumentException($"An item with the same key has already been added. Key: {key}");
        }
    }

    public bool TryAdd(TKey key, TValue value)
    {
        if (Find(key) >= 0)
        {
            return false;
        }

        Append(key, value);
        return true;
    }

    public bool ContainsKey(TKey key) => Find(key) >= 0;

    public bool ContainsValue(TValue value)
    {
        foreach (KeyValuePair<TKey, TValue> each in this)
        {
            if (EqualityComparer<TValue>.Default.Equals(each.Value, value))
            {
                return true;
            }
        }

        return false;
    }

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        int index = Find(key);
        value = index < 0 ? default! : _entries[index].Value;
        return index >= 0;
    }

    public bool Remove(TKey key) => Remove(key, out _);

    public bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        int hash = Hash(key);
        ref int link = ref _buckets[hash & (_buckets.Length - 1)];
        for (int index = link - 1; index >= 0; index = link - 1)
        {
            ref Entry entry = ref _entries[index];
            if (entry.Hash == hash && AreEqual(entry.Key, key))
            {
                value = entry.Value;
                link = entry.Next;
                entry = default;
                entry.Next = _free;
                _free = index;
                _freeCount++;
                return true;
            }

            link = ref entry.Next;
        }

        value = default;
        return false;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Array.Clear(_entries);
        _used = 0;
        _free = End;
        _freeCount = 0;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => Enumerate();

    IEnumerator IEnumerable.GetEnumerator() => Enumerate();

    private IEnumerator<KeyValuePair<TKey, TValue>> Enumerate()
    {
        foreach (KeyValuePair<TKey, TValue> each in this)
        {
            yield return each;
        }
    }

    private int Find(TKey key)
    {
        if (key is null)
        {
            throw new ArgumentNullException(nameof(key));
        }

        int hash = Hash(key);
        for (int index = _buckets[hash & (_buckets.Length - 1)] - 1; index >= 0; index = _entries[index].Next - 1)
        {
            if (_entries[index].Hash == hash && AreEqual(_entries[index].Key, key))
            {
                return index;
            }
        }

        return End;
    }

    private void Append(TKey key, TValue value)
    {
        int index = _free;
        if (index != End)
        {
            _free = _entries[index].Next;
            _freeCount--;
        }
        else
        {
            if (_used == _entries.Length)
            {
                Grow();
            }

            index = _used++;
        }

        int hash = Hash(key);
        ref int bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _entries[index] = new Entry { Hash = hash, Next = bucket, IsUsed = true, Key = key, Value = value };
        bucket = index + 1;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, checked(_entries.Length * 2));
        _buckets = new int[_entries.Length];
        for (int i = 0; i < _used; i++)
        {
            ref int bucket = ref _buckets[_entries[i].Hash & (_buckets.Length - 1)];
            _entries[i].Next = bucket;
            bucket = i + 1;
        }
    }

    /// <summary>Numbers are their own hashes: what differs in the upper bits alone is to differ in the lower ones too.</summary>
    private int Hash(TKey key)
    {
        uint hash = (uint)(_comparer is null ? EqualityComparer<TKey>.Default.GetHashCode(key) : _comparer.GetHashCode(key));
        hash *= 0x9E37_79B1;
        return (int)(hash ^ (hash >> 16));
    }

    private bool AreEqual(TKey a, TKey b) => _comparer is null ? EqualityComparer<TKey>.Default.Equals(a, b) : _comparer.Equals(a, b);

    public struct Enumerator
    {
        private readonly Dictionary<TKey, TValue> _dictionary;
        private int _index;

        internal Enumerator(Dictionary<TKey, TValue> dictionary)
        {
            _dictionary = dictionary;
            _index = -1;
        }

        public bool MoveNext()
        {
            while (++_index < _dictionary._used)
            {
                if (_dictionary._entries[_index].IsUsed)
                {
                    return true;
                }
            }

            return false;
        }

        public readonly KeyValuePair<TKey, TValue> Current => new(_dictionary._entries[_index].Key, _dictionary._entries[_index].Value);
    }

    public sealed class KeyCollection(Dictionary<TKey, TValue> dictionary) : IEnumerable<TKey>
    {
        public int Count => dictionary.Count;

        public IEnumerator<TKey> GetEnumerator()
        {
            foreach (KeyValuePair<TKey, TValue> each in dictionary)
            {
                yield return each.Key;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public sealed class ValueCollection(Dictionary<TKey, TValue> dictionary) : IEnumerable<TValue>
    {
        public int Count => dictionary.Count;

        public IEnumerator<TValue> GetEnumerator()
        {
            foreach (KeyValuePair<TKey, TValue> each in dictionary)
            {
                yield return each.Value;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
