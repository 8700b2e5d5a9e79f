using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>What <see cref="Expansion"/> asks for values.</summary>
public interface IExpansionSource
{
    /// <summary>The formatted value of <c>[scope/]name[:type]</c>; empty when there is none, or the name makes no sense.</summary>
    string Format(ReadOnlySpan<char> setting);
}

/// <summary>
/// <c>${...}</c> in one word: the innermost first, and again over the whole result until no complete pair remains, so that names can be
/// nested and values can refer to other settings.
/// </summary>
public static class Expansion
{
    /// <summary>More substitutions than this in one word, or a longer word, is a value that refers to itself.</summary>
    public const int MaximumSubstitutions = 1000;

    public const int MaximumLength = 65536;

    /// <summary>Expands <paramref name="word"/>; the error names the setting that does not come to an end.</summary>
    public static Error? Expand(string word, IExpansionSource source, out string expanded)
    {
        expanded = word;
        if (!TryFindInnermost(word, out int start, out int end))
        {
            return null;
        }

        char[] buffer = new char[Math.Max(256, word.Length * 2)];
        word.AsSpan().CopyTo(buffer);
        int length = word.Length;
        for (int count = 0; TryFindInnermost(new ReadOnlySpan<char>(buffer, 0, length), out start, out end); count++)
        {
            ReadOnlySpan<char> name = new(buffer, start + 2, end - start - 2);
            string value = source.Format(name);
            int newLength = length - (end + 1 - start) + value.Length;
            if (count == MaximumSubstitutions || newLength > MaximumLength)
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"${{{name}}}: expansion does not end"));
            }

            char[] target = buffer;
            if (newLength > buffer.Length)
            {
                target = new char[newLength * 2];
                new ReadOnlySpan<char>(buffer, 0, start).CopyTo(target);
            }

            new ReadOnlySpan<char>(buffer, end + 1, length - end - 1).CopyTo(new Span<char>(target, start + value.Length, length - end - 1));
            value.AsSpan().CopyTo(new Span<char>(target, start, value.Length));
            buffer = target;
            length = newLength;
        }

        expanded = new string(buffer, 0, length);
        return null;
    }

    /// <summary>The first closing brace with an opening <c>${</c> before it, and the last such opening.</summary>
    private static bool TryFindInnermost(ReadOnlySpan<char> text, out int start, out int end)
    {
        start = -1;
        for (end = 0; end < text.Length; end++)
        {
            if (text[end] == '$' && end + 1 < text.Length && text[end + 1] == '{')
            {
                start = end;
            }
            else if (text[end] == '}' && start >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
