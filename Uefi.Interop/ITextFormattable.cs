using System;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// A value that can write itself into a <see cref="TextBuilder"/> (an address, a status, a GUID). By that it is also .NET's
/// <see cref="ISpanFormattable"/>, so that hosts' own interpolated strings show it alike; formats and cultures make no difference.
/// </summary>
public interface ITextFormattable : ISpanFormattable
{
    /// <summary>Appends what a person reads. Allocates only what <paramref name="text"/> does.</summary>
    void AppendTo(ref TextBuilder text);

    /// <inheritdoc/>
    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        TextBuilder text = new(16, 0);
        AppendTo(ref text);
        bool fits = text.Written.TryCopyTo(destination);
        charsWritten = fits ? text.Written.Length : 0;
        return fits;
    }

    /// <inheritdoc/>
    string IFormattable.ToString(string? format, IFormatProvider? formatProvider)
    {
        TextBuilder text = new(16, 0);
        AppendTo(ref text);
        return text.ToString();
    }
}
