using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using Internal.TypeSystem;

namespace Internal.Runtime.CompilerHelpers;

/// <summary>
/// What compiled code calls at a fault. Most are a few instructions of assembly, so that the address reported is that
/// of the code at fault.
/// </summary>
internal static class ThrowHelpers
{
    [DoesNotReturn]
    [RuntimeImport("*", "NetBootIndexOutOfRange")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowIndexOutOfRangeException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootNullReference")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowNullReferenceException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootOverflow")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowOverflowException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootDivideByZero")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowDivideByZeroException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootInvalidCast")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowInvalidCastException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootArrayTypeMismatch")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowArrayTypeMismatchException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootArgument")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowArgumentException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootArgumentOutOfRange")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowArgumentOutOfRangeException();

    [DoesNotReturn]
    [RuntimeImport("*", "NetBootNotCompiled")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void ThrowPlatformNotSupportedException();

    private static void ThrowNotImplementedException() => ThrowPlatformNotSupportedException();
    private static void ThrowInstanceBodyRemoved() => ThrowPlatformNotSupportedException();
    private static void ThrowFeatureBodyRemoved() => ThrowPlatformNotSupportedException();
    private static void ThrowUnavailableType() => ThrowPlatformNotSupportedException();
}
