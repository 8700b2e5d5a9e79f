// Interfaces without variance: resolving a call through IThing<object> on an IThing<string> needs more of a run time than there is.
namespace System.Collections;

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
