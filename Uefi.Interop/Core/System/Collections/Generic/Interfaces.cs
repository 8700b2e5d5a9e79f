// Interfaces without variance: resolving a call through IThing<object> on an IThing<string> needs more of a run time than there is.
namespace System.Collections.Generic;

public interface IEnumerable<T> : IEnumerable
{
    new IEnumerator<T> GetEnumerator();
}

public interface IEnumerator<T> : IEnumerator, IDisposable
{
    new T Current { get; }
}
