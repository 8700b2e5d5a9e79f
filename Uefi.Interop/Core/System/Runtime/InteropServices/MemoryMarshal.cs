using System.Runtime.CompilerServices;

namespace System.Runtime.InteropServices;

public static unsafe class MemoryMarshal
{
    public static ref T GetReference<T>(Span<T> span) => ref span._reference;

    public static ref T GetReference<T>(ReadOnlySpan<T> span) => ref span._reference;

    [Intrinsic]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T GetArrayDataReference<T>(T[] array) => ref Unsafe.As<byte, T>(ref Unsafe.As<RawArrayData>(array).Data);

    public static Span<T> CreateSpan<T>(scoped ref T reference, int length) => new(ref Unsafe.AsRef(in reference), length);

    public static ReadOnlySpan<T> CreateReadOnlySpan<T>(scoped ref readonly T reference, int length) => new(ref Unsafe.AsRef(in reference), length);

    public static Span<byte> AsBytes<T>(Span<T> span) where T : struct =>
        new(ref Unsafe.As<T, byte>(ref span._reference), checked(span.Length * sizeof(T)));

    public static ReadOnlySpan<byte> AsBytes<T>(ReadOnlySpan<T> span) where T : struct =>
        new(ref Unsafe.As<T, byte>(ref span._reference), checked(span.Length * sizeof(T)));

    /// <summary>The same memory as whole values of another size; what is left over at the end is not part of it.</summary>
    public static Span<TTo> Cast<TFrom, TTo>(Span<TFrom> span) where TFrom : struct where TTo : struct =>
        new(ref Unsafe.As<TFrom, TTo>(ref span._reference), checked((int)((ulong)(uint)span.Length * (uint)sizeof(TFrom) / (uint)sizeof(TTo))));

    public static ReadOnlySpan<TTo> Cast<TFrom, TTo>(ReadOnlySpan<TFrom> span) where TFrom : struct where TTo : struct =>
        new(ref Unsafe.As<TFrom, TTo>(ref span._reference), checked((int)((ulong)(uint)span.Length * (uint)sizeof(TFrom) / (uint)sizeof(TTo))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(ReadOnlySpan<byte> source) where T : struct
    {
        if (sizeof(T) > source.Length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        return Unsafe.ReadUnaligned<T>(ref source._reference);
    }

    public static bool TryRead<T>(ReadOnlySpan<byte> source, out T value) where T : struct
    {
        if (sizeof(T) > source.Length)
        {
            value = default;
            return false;
        }

        value = Unsafe.ReadUnaligned<T>(ref source._reference);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(Span<byte> destination, in T value) where T : struct
    {
        if (sizeof(T) > destination.Length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        Unsafe.WriteUnaligned(ref destination._reference, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref T AsRef<T>(Span<byte> span) where T : struct
    {
        if (sizeof(T) > span.Length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        return ref Unsafe.As<byte, T>(ref span._reference);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref readonly T AsRef<T>(ReadOnlySpan<byte> span) where T : struct
    {
        if (sizeof(T) > span.Length)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        return ref Unsafe.As<byte, T>(ref span._reference);
    }

    public static ReadOnlySpan<char> CreateReadOnlySpanFromNullTerminated(char* value)
    {
        int length = 0;
        while (value is not null && value[length] != 0)
        {
            length++;
        }

        return new(value, length);
    }

    public static ReadOnlySpan<byte> CreateReadOnlySpanFromNullTerminated(byte* value)
    {
        int length = 0;
        while (value is not null && value[length] != 0)
        {
            length++;
        }

        return new(value, length);
    }
}
