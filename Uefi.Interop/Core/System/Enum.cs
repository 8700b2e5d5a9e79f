using System.Runtime.CompilerServices;

namespace System;

/// <summary>The base of enumerations. The names of their members are not in the image.</summary>
public abstract unsafe class Enum : ValueType
{
    private const string NoNames = "The names of an enumeration's members are not in the image: compare with its numbers, or write a switch.";

    /// <summary>Whether all bits of that flag are set; the compiler makes two instructions of it.</summary>
    [Intrinsic]
    public bool HasFlag(Enum flag) => (Bits(this) & Bits(flag)) == Bits(flag);

    [Obsolete(NoNames, true)]
    public static string? GetName<TEnum>(TEnum value) => null;

    [Obsolete(NoNames, true)]
    public static string[] GetNames<TEnum>() => [];

    [Obsolete(NoNames, true)]
    public static TEnum[] GetValues<TEnum>() => [];

    [Obsolete(NoNames, true)]
    public static bool IsDefined<TEnum>(TEnum value) => false;

    [Obsolete(NoNames, true)]
    public static TEnum Parse<TEnum>(string value) => default!;

    [Obsolete(NoNames, true)]
    public static bool TryParse<TEnum>(string? value, out TEnum result)
    {
        result = default!;
        return false;
    }

    private static ulong Bits(Enum value)
    {
        ulong bits = 0;
        SpanHelpers.Memmove(ref Unsafe.As<ulong, byte>(ref bits), ref Unsafe.As<RawData>(value).Data, value.m_pEEType->ValueSize);
        return bits;
    }
}
