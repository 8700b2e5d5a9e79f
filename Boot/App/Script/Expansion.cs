using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>What <see cref="Expansion"/> asks for values.</summary>
public interface IExpansionSource
{
    /// <summary>The formatted value of <c>[scope/]name[:type]</c>; empty when there is none, or the name makes no sense.</summary>
    /// <param name="setting">As it stands between the braces.</param>
    /// <param name="isForeign">Somebody on the network said it: it is taken as it is.</param>
    string Format(ReadOnlySpan<char> setting, out bool isForeign);
}

/// <summary>
/// <c>${...}</c> in one word: the innermost first, and again over the whole result until no complete pair remains, so that names can be
/// nested and values can refer to other settings. What somebody on the network said refers to nothing, nor is it an option: of its characters
/// those that would mean something are marked, until the word's options have been read (<see cref="Unmark"/>).
/// </summary>
public static class Expansion
{
    /// <summary>
    /// More substitutions than this inside values, before the word itself goes on, are of a value that refers to itself. How many settings
    /// a word names has no limit.
    /// </summary>
    public const int MaximumNested = 2000;

    /// <summary>A longer word is a value that refers to itself, or a script that runs away.</summary>
    public const int MaximumLength = 1 << 20;

    /// <summary>The words between those may have so many characters together: a long one that refers to itself ends in a tenth of a second.</summary>
    private const long MaximumWork = 1 << 25;

    /// <summary>A marked character is the one that is so much lower; words are of bytes.</summary>
    private const int Mark = 0xE000;

    /// <summary>Whether a word has anything in it that is marked.</summary>
    public static bool IsMarked(string word)
    {
        foreach (char c in word)
        {
            if (c >= Mark)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The word with its marked characters as they were.</summary>
    public static string Unmark(string word)
    {
        if (!IsMarked(word))
        {
            return word;
        }

        char[] plain = new char[word.Length];
        for (int i = 0; i < plain.Length; i++)
        {
            plain[i] = (char)(word[i] >= Mark ? word[i] - Mark : word[i]);
        }

        return new string(plain);
    }

    /// <summary>Expands <paramref name="word"/>; the error names the setting that does not come to an end.</summary>
    public static Error? Expand(string word, IExpansionSource source, out string expanded)
    {
        expanded = word;
        if (!TryFindInnermost(word, 0, out int first, out int start, out int end))
        {
            return null;
        }

        char[] buffer = new char[Math.Max(256, word.Length * 2)];
        word.AsSpan().CopyTo(buffer);
        int length = word.Length;
        int untouched = length; // Characters at the end that no substitution has reached yet.
        int nested = 0;
        long work = 0;
        do
        {
            ReadOnlySpan<char> name = new(buffer, start + 2, end - start - 2);
            string value = source.Format(name, out bool isForeign);
            int tail = length - end - 1;
            nested = tail < untouched ? 0 : nested + 1;
            untouched = Math.Min(untouched, tail);
            int newLength = start + value.Length + tail;
            work = nested == 0 ? 0 : work + newLength;
            if (nested > MaximumNested || newLength > MaximumLength || work > MaximumWork)
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"${{{name}}}: expansion does not end"));
            }

            char[] target = buffer;
            if (newLength > buffer.Length)
            {
                target = new char[newLength * 2];
                new ReadOnlySpan<char>(buffer, 0, start).CopyTo(target);
            }

            new ReadOnlySpan<char>(buffer, end + 1, tail).CopyTo(new Span<char>(target, start + value.Length, tail));
            Span<char> place = new(target, start, value.Length);
            value.AsSpan().CopyTo(place);
            for (int i = 0; isForeign && i < place.Length; i++)
            {
                place[i] += place[i] is '$' or '{' or '}' || (place[i] == '-' && i == 0) ? (char)Mark : (char)0;
            }

            buffer = target;
            length = newLength;
        }
        while (TryFindInnermost(new ReadOnlySpan<char>(buffer, 0, length), Math.Max(0, first - 1), out first, out start, out end));
        expanded = new string(buffer, 0, length);
        return null;
    }

    /// <summary>The first closing brace with an opening <c>${</c> before it, the last such opening, and the first.</summary>
    /// <param name="text">Has no opening before <paramref name="from"/>.</param>
    /// <param name="from">Where to look.</param>
    /// <param name="first">The first opening.</param>
    /// <param name="start">The last before <paramref name="end"/>.</param>
    /// <param name="end">The brace.</param>
    private static bool TryFindInnermost(ReadOnlySpan<char> text, int from, out int first, out int start, out int end)
    {
        first = -1;
        start = -1;
        for (end = from; end < text.Length; end++)
        {
            if (text[end] == '$' && end + 1 < text.Length && text[end + 1] == '{')
            {
                start = end;
                first = first < 0 ? end : first;
            }
            else if (text[end] == '}' && start >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
