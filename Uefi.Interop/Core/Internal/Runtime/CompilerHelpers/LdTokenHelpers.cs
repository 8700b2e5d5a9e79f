using System;

namespace Internal.Runtime.CompilerHelpers;

/// <summary>
/// What the compiler calls for a `typeof` that it cannot decide. It decides all of `typeof(T) == typeof(X)` for value types, the only
/// use that <see cref="Type"/> allows, and takes constant data from the image, but wants these to exist first.
/// </summary>
internal static class LdTokenHelpers
{
    private static RuntimeTypeHandle GetRuntimeTypeHandle(nint type)
    {
        ThrowHelpers.ThrowPlatformNotSupportedException();
        return default;
    }

    private static RuntimeFieldHandle GetRuntimeFieldHandle(nint field)
    {
        ThrowHelpers.ThrowPlatformNotSupportedException();
        return default;
    }

    private static Type GetRuntimeType(nint type)
    {
        ThrowHelpers.ThrowPlatformNotSupportedException();
        return null!;
    }
}
