using System.Collections.Generic;

namespace System.Runtime.InteropServices;

public static class CollectionsMarshal
{
    /// <summary>The items of a list; valid until the list is next changed.</summary>
    public static Span<T> AsSpan<T>(List<T>? list) => list is null ? default : list.AsSpan();
}
