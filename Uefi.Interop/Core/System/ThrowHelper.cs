using System.Diagnostics.CodeAnalysis;
using Internal.Runtime.CompilerHelpers;

namespace System;

/// <summary>Faults in one call, so that the code that checks stays small and is inlined.</summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    internal static void ThrowIndexOutOfRange() => ThrowHelpers.ThrowIndexOutOfRangeException();

    [DoesNotReturn]
    internal static void ThrowArgumentOutOfRange() => ThrowHelpers.ThrowArgumentOutOfRangeException();

    [DoesNotReturn]
    internal static void ThrowArgument() => ThrowHelpers.ThrowArgumentException();
}
