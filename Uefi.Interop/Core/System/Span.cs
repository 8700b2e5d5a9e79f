using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System;

/// <summary>A window on consecutive values.</summary>
[NonVersionable]
public readonly unsafe ref struct Span<T>
{
    internal readonly ref T _reference;
    private readonly int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span(T[]? array)
    {
        if (array is null)
        {
            return;
        }

        _reference = ref MemoryMarshal.GetArrayDataReference(array);
        _length = array.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span(T[]? array, int start, int length)
    {
        if (array is null)
        {
            if (start != 0 || length != 0)
            {
                ThrowHelper.ThrowArgumentOutOfRange();
            }

            return;
        }

        if ((ulong)(uint)start + (uint)length > (uint)array.Length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        _reference = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), start);
        _length = length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span(void* pointer, int length)
    {
        if (length < 0)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        _reference = ref *(T*)pointer;
        _length = length;
    }

    public Span(ref T reference)
    {
        _reference = ref reference;
        _length = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span(ref T reference, int length)
    {
        _reference = ref reference;
        _length = length;
    }

    public int Length
    {
        [Intrinsic]
        [NonVersionable]
        get => _length;
    }

    public bool IsEmpty
    {
        [NonVersionable]
        get => _length == 0;
    }

    public static Span<T> Empty => default;

    public ref T this[int index]
    {
        [Intrinsic]
        [NonVersionable]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_length)
            {
                ThrowHelper.ThrowIndexOutOfRange();
            }

            return ref Unsafe.Add(ref _reference, index);
        }
    }

    public static implicit operator Span<T>(T[]? array) => new(array);

    public static implicit operator ReadOnlySpan<T>(Span<T> span) => new(ref span._reference, span._length);

    public void Clear() => SpanHelpers.ClearWithoutReferences(ref Unsafe.As<T, byte>(ref _reference), (nuint)(uint)_length * (nuint)sizeof(T));

    public void Fill(T value)
    {
        if (sizeof(T) == 1)
        {
            SpanHelpers.Fill(ref Unsafe.As<T, byte>(ref _reference), Unsafe.As<T, byte>(ref value), (nuint)(uint)_length);
            return;
        }

        for (int i = 0; i < _length; i++)
        {
            Unsafe.Add(ref _reference, i) = value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Slice(int start)
    {
        if ((uint)start > (uint)_length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        return new(ref Unsafe.Add(ref _reference, start), _length - start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Slice(int start, int length)
    {
        if ((ulong)(uint)start + (uint)length > (uint)_length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        return new(ref Unsafe.Add(ref _reference, start), length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<T> destination)
    {
        if ((uint)_length > (uint)destination.Length)
        {
            ThrowHelper.ThrowArgument();
        }

        SpanHelpers.Memmove(
            ref Unsafe.As<T, byte>(ref destination._reference), ref Unsafe.As<T, byte>(ref _reference), (nuint)(uint)_length * (nuint)sizeof(T));
    }

    public bool TryCopyTo(Span<T> destination)
    {
        if ((uint)_length > (uint)destination.Length)
        {
            return false;
        }

        CopyTo(destination);
        return true;
    }

    public T[] ToArray()
    {
        if (_length == 0)
        {
            return Array.Empty<T>();
        }

        T[] array = new T[_length];
        CopyTo(array);
        return array;
    }

    /// <summary>The text of a span of characters; empty for other types.</summary>
    public override string ToString() =>
        typeof(T) == typeof(char) ? new string(new ReadOnlySpan<char>(ref Unsafe.As<T, char>(ref _reference), _length)) : "";

    public ref T GetPinnableReference() => ref _reference;

    public static bool operator ==(Span<T> left, Span<T> right) =>
        left._length == right._length && Unsafe.AreSame(ref left._reference, ref right._reference);

    public static bool operator !=(Span<T> left, Span<T> right) => !(left == right);

    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator
    {
        private readonly Span<T> _span;
        private int _index;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Enumerator(Span<T> span)
        {
            _span = span;
            _index = -1;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            int next = _index + 1;
            if (next >= _span.Length)
            {
                return false;
            }

            _index = next;
            return true;
        }

        public ref T Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ref _span[_index];
        }
    }
}
