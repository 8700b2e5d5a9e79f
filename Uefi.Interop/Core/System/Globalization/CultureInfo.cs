namespace System.Globalization;

/// <summary>The invariant culture, the one that there is here.</summary>
public sealed class CultureInfo : IFormatProvider
{
    private static readonly CultureInfo s_invariant = new();

    private CultureInfo()
    {
    }

    public static CultureInfo InvariantCulture => s_invariant;

    public static CultureInfo CurrentCulture => s_invariant;

    public object? GetFormat(Type? formatType) => null;
}
