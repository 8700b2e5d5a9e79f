// Interfaces without variance: resolving a call through IThing<object> on an IThing<string> needs more of a run time than there is.
namespace System
{
    public interface IDisposable
    {
        void Dispose();
    }

    public interface IFormatProvider
    {
        object? GetFormat(Type? formatType);
    }

    public interface IFormattable
    {
        string ToString(string? format, IFormatProvider? formatProvider);
    }

    public interface ISpanFormattable : IFormattable
    {
        bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider);
    }

    public interface IEquatable<T>
        where T : allows ref struct
    {
        bool Equals(T? other);
    }

    public interface IComparable<T>
        where T : allows ref struct
    {
        int CompareTo(T? other);
    }
}

namespace System.Collections
{
    public interface IEnumerable
    {
        IEnumerator GetEnumerator();
    }

    public interface IEnumerator
    {
        bool MoveNext();
        object? Current { get; }
        void Reset();
    }
}

namespace System.Collections.Generic
{
    public interface IEnumerable<T> : IEnumerable
    {
        new IEnumerator<T> GetEnumerator();
    }

    public interface IEnumerator<T> : IEnumerator, IDisposable
    {
        new T Current { get; }
    }
}
