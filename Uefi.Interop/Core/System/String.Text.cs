using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace System;

// What makes texts of texts. As in .NET with its invariant culture.
public sealed unsafe partial class String
{
    private const string NoCase = "There are no Unicode tables in firmware: use System.Text.Ascii.ToUpper, ToLower and EqualsIgnoreCase.";

    private const string NotWhole = "'{' and '}' of a format belong together, around the number of a value: {0}, {0,8} or {0,8:X4}";

    private static ReadOnlySpan<char> WhiteSpace => default;

    public static string Format(string format, object? arg0) => Format(format, new ReadOnlySpan<object?>(in arg0));

    public static string Format(string format, object? arg0, object? arg1) => Format(format, (ReadOnlySpan<object?>)[arg0, arg1]);

    public static string Format(string format, object? arg0, object? arg1, object? arg2) => Format(format, (ReadOnlySpan<object?>)[arg0, arg1, arg2]);

    public static string Format(string format, params object?[] args) => Format(format, new ReadOnlySpan<object?>(args));

    public static string Format(IFormatProvider? provider, string format, params object?[] args) => Format(format, new ReadOnlySpan<object?>(args));

    /// <summary>A format that is none is a fault.</summary>
    public static string Format(string format, params ReadOnlySpan<object?> args)
    {
        DefaultInterpolatedStringHandler text = new(format.Length, args.Length);
        ReadOnlySpan<char> rest = format;
        while (true)
        {
            int brace = rest.IndexOfAny('{', '}');
            if (brace < 0)
            {
                text.AppendFormatted(rest);
                return text.ToString();
            }

            text.AppendFormatted(rest.Slice(0, brace));
            char which = rest[brace];
            rest = rest.Slice(brace + 1);
            if (!rest.IsEmpty && rest[0] == which)
            {
                text.AppendFormatted(which);
                rest = rest.Slice(1);
                continue;
            }

            int end = which == '{' ? rest.IndexOf('}') : -1;
            if (end < 0)
            {
                throw new FormatException(NotWhole);
            }

            AppendItem(ref text, rest.Slice(0, end), args);
            rest = rest.Slice(end + 1);
        }
    }

    /// <summary>What stands between the braces: index[,alignment][:format].</summary>
    private static void AppendItem(ref DefaultInterpolatedStringHandler text, scoped ReadOnlySpan<char> item, scoped ReadOnlySpan<object?> args)
    {
        string? format = null;
        int colon = item.IndexOf(':');
        if (colon >= 0)
        {
            format = new string(item.Slice(colon + 1));
            item = item.Slice(0, colon);
        }

        int alignment = 0;
        int comma = item.IndexOf(',');
        if (comma >= 0)
        {
            alignment = int.Parse(item.Slice(comma + 1));
            item = item.Slice(0, comma);
        }

        if (!int.TryParse(item, out int index) || (uint)index >= (uint)args.Length)
        {
            throw new FormatException(NotWhole);
        }

        text.AppendFormatted(args[index], alignment, format);
    }

    public static string Join(char separator, params string?[] value) => Join(new ReadOnlySpan<char>(in separator), new ReadOnlySpan<string?>(value));

    public static string Join(char separator, params ReadOnlySpan<string?> value) => Join(new ReadOnlySpan<char>(in separator), value);

    public static string Join(char separator, params ReadOnlySpan<object?> values) => Join(new ReadOnlySpan<char>(in separator), values);

    public static string Join(string? separator, params string?[] value) => Join(separator.AsSpan(), new ReadOnlySpan<string?>(value));

    public static string Join(string? separator, params ReadOnlySpan<string?> value) => Join(separator.AsSpan(), value);

    public static string Join(string? separator, params object?[] values) => Join(separator.AsSpan(), new ReadOnlySpan<object?>(values));

    public static string Join(string? separator, params ReadOnlySpan<object?> values) => Join(separator.AsSpan(), values);

    public static string Join<T>(char separator, IEnumerable<T> values) => Join(new ReadOnlySpan<char>(in separator), values);

    public static string Join<T>(string? separator, IEnumerable<T> values) => Join(separator.AsSpan(), values);

    private static string Join(ReadOnlySpan<char> separator, ReadOnlySpan<string?> values)
    {
        DefaultInterpolatedStringHandler text = new(values.Length * separator.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            text.AppendFormatted(i == 0 ? default : separator);
            text.AppendFormatted(values[i]);
        }

        return text.ToString();
    }

    private static string Join(ReadOnlySpan<char> separator, ReadOnlySpan<object?> values)
    {
        DefaultInterpolatedStringHandler text = new(values.Length * separator.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            text.AppendFormatted(i == 0 ? default : separator);
            text.AppendFormatted(values[i]?.ToString());
        }

        return text.ToString();
    }

    private static string Join<T>(ReadOnlySpan<char> separator, IEnumerable<T> values)
    {
        DefaultInterpolatedStringHandler text = new(0, 0);
        bool isFirst = true;
        foreach (T value in values)
        {
            text.AppendFormatted(isFirst ? default : separator);
            text.AppendFormatted(value?.ToString());
            isFirst = false;
        }

        return text.ToString();
    }

    public static string Concat(object? arg0) => arg0?.ToString() ?? "";

    public static string Concat(object? arg0, object? arg1) => Concat(arg0?.ToString(), arg1?.ToString());

    public static string Concat(object? arg0, object? arg1, object? arg2) => Concat(arg0?.ToString(), arg1?.ToString(), arg2?.ToString());

    public static string Concat(params ReadOnlySpan<object?> args) => Join(default(ReadOnlySpan<char>), args);

    public static string Concat(IEnumerable<string?> values) => Join(default(ReadOnlySpan<char>), values);

    public string[] Split(char separator, StringSplitOptions options = StringSplitOptions.None) =>
        Split(new ReadOnlySpan<char>(in separator), 1, int.MaxValue, options);

    public string[] Split(char separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        Split(new ReadOnlySpan<char>(in separator), 1, count, options);

    /// <summary>At each of these characters; at white space when there are none.</summary>
    public string[] Split(params char[]? separator) => Split(separator, 1, int.MaxValue, StringSplitOptions.None);

    /// <inheritdoc cref="Split(char[])"/>
    public string[] Split(params ReadOnlySpan<char> separator) => Split(separator, 1, int.MaxValue, StringSplitOptions.None);

    /// <inheritdoc cref="Split(char[])"/>
    public string[] Split(char[]? separator, StringSplitOptions options) => Split(separator, 1, int.MaxValue, options);

    public string[] Split(string? separator, StringSplitOptions options = StringSplitOptions.None) => Split(separator, int.MaxValue, options);

    public string[] Split(string? separator, int count, StringSplitOptions options = StringSplitOptions.None) =>
        IsNullOrEmpty(separator) ? Split(WhiteSpace, 1, count, options) : Split(separator, separator.Length, count, options);

    /// <summary>At a separator of that length: one of these characters, or all of them together.</summary>
    private string[] Split(ReadOnlySpan<char> separator, int length, int count, StringSplitOptions options)
    {
        if (count < 0)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        List<string> parts = new();
        ReadOnlySpan<char> rest = this;
        while (count > 0)
        {
            int found = parts.Count == count - 1 ? -1 : length > 1 ? rest.IndexOf(separator) : IndexOfSeparator(rest, separator);
            ReadOnlySpan<char> part = found < 0 ? rest : rest.Slice(0, found);
            part = (options & StringSplitOptions.TrimEntries) != 0 ? part.Trim() : part;
            if (!part.IsEmpty || (options & StringSplitOptions.RemoveEmptyEntries) == 0)
            {
                parts.Add(new string(part));
            }

            if (found < 0)
            {
                break;
            }

            rest = rest.Slice(found + length);
        }

        return parts.ToArray();
    }

    private static int IndexOfSeparator(ReadOnlySpan<char> text, ReadOnlySpan<char> separators)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (separators.IsEmpty ? char.IsWhiteSpace(text[i]) : separators.IndexOf(text[i]) >= 0)
            {
                return i;
            }
        }

        return -1;
    }

    public string Trim() => Part(this.AsSpan().Trim());

    public string TrimStart() => Part(this.AsSpan().TrimStart());

    public string TrimEnd() => Part(this.AsSpan().TrimEnd());

    public string Trim(char trimChar) => Trim(new ReadOnlySpan<char>(in trimChar), true, true);

    public string TrimStart(char trimChar) => Trim(new ReadOnlySpan<char>(in trimChar), true, false);

    public string TrimEnd(char trimChar) => Trim(new ReadOnlySpan<char>(in trimChar), false, true);

    public string Trim(params char[]? trimChars) => trimChars is null or [] ? Trim() : Trim(trimChars, true, true);

    public string TrimStart(params char[]? trimChars) => trimChars is null or [] ? TrimStart() : Trim(trimChars, true, false);

    public string TrimEnd(params char[]? trimChars) => trimChars is null or [] ? TrimEnd() : Trim(trimChars, false, true);

    private string Trim(ReadOnlySpan<char> characters, bool atStart, bool atEnd)
    {
        ReadOnlySpan<char> rest = this;
        while (atStart && !rest.IsEmpty && characters.IndexOf(rest[0]) >= 0)
        {
            rest = rest.Slice(1);
        }

        while (atEnd && !rest.IsEmpty && characters.IndexOf(rest[^1]) >= 0)
        {
            rest = rest.Slice(0, rest.Length - 1);
        }

        return Part(rest);
    }

    private string Part(ReadOnlySpan<char> part) => part.Length == _stringLength ? this : new string(part);

    public string Replace(char oldChar, char newChar)
    {
        if (IndexOf(oldChar) < 0)
        {
            return this;
        }

        string made = Allocate(_stringLength);
        Span<char> characters = made.Whole;
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = this[i] == oldChar ? newChar : this[i];
        }

        return made;
    }

    public string Replace(string oldValue, string? newValue)
    {
        if (oldValue.Length == 0)
        {
            throw new ArgumentException("the text to replace is empty");
        }

        if (!Contains(oldValue))
        {
            return this;
        }

        DefaultInterpolatedStringHandler text = new(_stringLength, 1);
        ReadOnlySpan<char> rest = this;
        for (int found = rest.IndexOf(oldValue); found >= 0; found = rest.IndexOf(oldValue))
        {
            text.AppendFormatted(rest.Slice(0, found));
            text.AppendFormatted(newValue);
            rest = rest.Slice(found + oldValue.Length);
        }

        text.AppendFormatted(rest);
        return text.ToString();
    }

    public string Insert(int startIndex, string value) => Concat(this.AsSpan(0, startIndex), value, this.AsSpan(startIndex));

    public string Remove(int startIndex) => Substring(0, startIndex);

    public string Remove(int startIndex, int count) => Concat(this.AsSpan(0, startIndex), this.AsSpan(startIndex).Slice(count));

    public string PadLeft(int totalWidth) => PadLeft(totalWidth, ' ');

    public string PadLeft(int totalWidth, char paddingChar) => Pad(totalWidth, paddingChar, true);

    public string PadRight(int totalWidth) => PadRight(totalWidth, ' ');

    public string PadRight(int totalWidth, char paddingChar) => Pad(totalWidth, paddingChar, false);

    private string Pad(int width, char padding, bool isLeft)
    {
        if (width < 0)
        {
            ThrowHelper.ThrowArgumentOutOfRange();
        }

        if (width <= _stringLength)
        {
            return this;
        }

        string made = Allocate(width);
        int missing = width - _stringLength;
        made.Whole.Slice(isLeft ? 0 : _stringLength, missing).Fill(padding);
        Whole.CopyTo(made.Whole.Slice(isLeft ? missing : 0));
        return made;
    }

    public static bool IsNullOrWhiteSpace([NotNullWhen(false)] string? value) => value.AsSpan().Trim().IsEmpty;

    public bool StartsWith(string value) => this.AsSpan().StartsWith(value.AsSpan());

    public bool StartsWith(string value, StringComparison comparisonType) => StartsWith(value);

    public bool EndsWith(string value) => this.AsSpan().EndsWith(value.AsSpan());

    public bool EndsWith(string value, StringComparison comparisonType) => EndsWith(value);

    public bool Contains(string value, StringComparison comparisonType) => Contains(value);

    public int IndexOf(string value) => this.AsSpan().IndexOf(value.AsSpan());

    public int IndexOf(string value, StringComparison comparisonType) => IndexOf(value);

    public int IndexOf(string value, int startIndex)
    {
        int found = this.AsSpan(startIndex).IndexOf(value.AsSpan());
        return found < 0 ? -1 : found + startIndex;
    }

    public int IndexOfAny(char[] anyOf) => this.AsSpan().IndexOfAny((ReadOnlySpan<char>)anyOf);

    public int LastIndexOf(string value)
    {
        for (int i = _stringLength - value.Length; i >= 0; i--)
        {
            if (this.AsSpan(i).StartsWith(value.AsSpan()))
            {
                return i;
            }
        }

        return -1;
    }

    public bool Equals(string? value, StringComparison comparisonType) => Equals(this, value);

    public static bool Equals(string? a, string? b, StringComparison comparisonType) => Equals(a, b);

    public static int Compare(string? strA, string? strB)
    {
        if (strA is null || strB is null)
        {
            return strA is not null ? 1 : strB is not null ? -1 : 0;
        }

        return CompareOrdinal(strA, strB);
    }

    public static int Compare(string? strA, string? strB, StringComparison comparisonType) => Compare(strA, strB);

    public string ToString(IFormatProvider? provider) => this;

    [Obsolete(NoCase, true)]
    public string ToUpper() => this;

    [Obsolete(NoCase, true)]
    public string ToUpperInvariant() => this;

    [Obsolete(NoCase, true)]
    public string ToLower() => this;

    [Obsolete(NoCase, true)]
    public string ToLowerInvariant() => this;
}

/// <summary>How texts are compared: here, by the values of their characters.</summary>
public enum StringComparison
{
    CurrentCulture = 0,

    [Obsolete("There are no Unicode tables in firmware: compare ASCII by System.Text.Ascii.EqualsIgnoreCase.", true)]
    CurrentCultureIgnoreCase = 1,
    InvariantCulture = 2,

    [Obsolete("There are no Unicode tables in firmware: compare ASCII by System.Text.Ascii.EqualsIgnoreCase.", true)]
    InvariantCultureIgnoreCase = 3,
    Ordinal = 4,

    [Obsolete("There are no Unicode tables in firmware: compare ASCII by System.Text.Ascii.EqualsIgnoreCase.", true)]
    OrdinalIgnoreCase = 5,
}

[Flags]
public enum StringSplitOptions
{
    None = 0,
    RemoveEmptyEntries = 1,
    TrimEntries = 2,
}
