// Names that programs for .NET use often and firmware has no promise for: using one is an error that says what to use instead.
namespace System
{
    [Obsolete("There is no garbage collector in firmware: memory goes with its Arena (Uefi.Interop/Docs/03-memory.md).", true)]
    public static class GC
    {
        public static void Collect()
        {
        }

        public static void KeepAlive(object? obj)
        {
        }
    }

    [Obsolete("Types are not known at run time in firmware: call a constructor, or take a Func<T>.", true)]
    public static class Activator
    {
        public static T CreateInstance<T>() => default!;
    }
}

namespace System.Threading.Tasks
{
    [Obsolete("There are no threads in firmware: wait in a loop, or have an Event call back (Uefi.Interop/Docs/05-protocols.md).", true)]
    public class Task
    {
    }

    [Obsolete("There are no threads in firmware: wait in a loop, or have an Event call back (Uefi.Interop/Docs/05-protocols.md).", true)]
    public class Task<TResult>
    {
    }
}

namespace System.Linq
{
    using System.Collections.Generic;

    [Obsolete(Instead, true)]
    public static class Enumerable
    {
        private const string Instead =
            "LINQ makes objects at each step, and firmware has no collector for them: write a loop, or use List.Find, Exists, RemoveAll and Sort.";

        [Obsolete(Instead, true)]
        public static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate) => source;

        [Obsolete(Instead, true)]
        public static IEnumerable<T> Where<T>(this T[] source, Func<T, bool> predicate) => null!;

        [Obsolete(Instead, true)]
        public static IEnumerable<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> selector) => null!;

        [Obsolete(Instead, true)]
        public static IEnumerable<TResult> Select<T, TResult>(this T[] source, Func<T, TResult> selector) => null!;

        [Obsolete(Instead, true)]
        public static IEnumerable<T> OrderBy<T, TKey>(this IEnumerable<T> source, Func<T, TKey> keySelector) => source;

        [Obsolete(Instead, true)]
        public static bool Any<T>(this IEnumerable<T> source) => false;

        [Obsolete(Instead, true)]
        public static bool Any<T>(this IEnumerable<T> source, Func<T, bool> predicate) => false;

        [Obsolete(Instead, true)]
        public static T First<T>(this IEnumerable<T> source) => default!;

        [Obsolete(Instead, true)]
        public static List<T> ToList<T>(this IEnumerable<T> source) => null!;
    }
}

namespace System.Net.Http
{
    [Obsolete("There is no network here but the firmware's: use its protocols (EFI_SIMPLE_NETWORK_PROTOCOL in Raw).", true)]
    public class HttpClient
    {
    }
}
