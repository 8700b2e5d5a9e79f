using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// A command's words, with its options taken out: <c>-n NAME</c>, <c>-nNAME</c>, <c>-qa</c>, <c>--name NAME</c>, <c>--name=NAME</c>. Options come
/// first; they end at the first other word or at <c>--</c>. A value that begins with <c>-</c> is written in the option's own word.
/// </summary>
/// <remarks>
/// A command describes its options in a text: "n|name=NAME q|quiet" has -n or --name with a value, and -q or --quiet without. Every command
/// has -h or --help.
/// </remarks>
public sealed class Arguments
{
    /// <summary>A hundred years, in microseconds.</summary>
    private const ulong LongestTime = 3_155_760_000_000_000;

    private readonly string[] _words;
    private string[] _plain = []; // without marks
    private readonly char[] _options;
    private readonly string?[] _values;
    private int _optionCount;
    private int _first;

    private Arguments(string[] words)
    {
        _words = words;
        int characters = 0;
        foreach (string word in words)
        {
            characters += word.Length;
        }

        _options = new char[characters];
        _values = new string?[characters];
    }

    /// <summary>What is left after the options.</summary>
    public ReadOnlySpan<string> Words => new(_plain, _first, _plain.Length - _first);

    /// <summary>The same, for another command: see <see cref="Expansion.Unmark"/>.</summary>
    public ReadOnlySpan<string> MarkedWords => new(_words, _first, _words.Length - _first);

    /// <summary>Somebody on the network said some of <see cref="Words"/>.</summary>
    public bool AreForeign { get; private set; }

    /// <summary>Takes a command's words apart.</summary>
    /// <param name="words">The command's name, then its arguments, as <see cref="Expansion"/> marks them.</param>
    /// <param name="options">The command's options.</param>
    /// <param name="arguments">Complete only without an error.</param>
    public static Error? Parse(string[] words, string options, out Arguments arguments)
    {
        arguments = new Arguments(words);
        int at = 1;
        while (at < words.Length)
        {
            string word = words[at];
            if (word.Length == 0 || word[0] != '-')
            {
                break;
            }

            at++;
            if (word == "--")
            {
                break;
            }

            Error? error = word.AsSpan().StartsWith("--")
                ? arguments.ParseLong(word, options, ref at)
                : arguments.ParseShort(word, options, ref at);
            if (error is not null)
            {
                return error;
            }
        }

        arguments._first = at;
        arguments._plain = new string[words.Length];
        for (; at < words.Length; at++)
        {
            arguments.AreForeign |= Expansion.IsMarked(words[at]);
            arguments._plain[at] = Expansion.Unmark(words[at]);
        }

        return null;
    }

    /// <summary>Whether an option was given.</summary>
    public bool Has(char option)
    {
        for (int i = 0; i < _optionCount; i++)
        {
            if (_options[i] == option)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An option's value, the last when it was given twice; null when it was not given.</summary>
    public string? Value(char option)
    {
        for (int i = _optionCount - 1; i >= 0; i--)
        {
            if (_options[i] == option)
            {
                return _values[i];
            }
        }

        return null;
    }

    /// <summary>An option's value as a number from 0 on (base 10, 0x or 0); <paramref name="otherwise"/> when it was not given.</summary>
    public Error? Number(char option, ulong otherwise, out ulong number)
    {
        number = otherwise;
        string? value = Value(option);
        return value is null ? null : ParseNumber(value, out number);
    }

    /// <summary>An option's value, in milliseconds, as microseconds: a hundred years at most, so that no sum of times wraps.</summary>
    public Error? Time(char option, ulong otherwise, out ulong microseconds)
    {
        Error? error = Number(option, otherwise, out ulong milliseconds);
        microseconds = Math.Min(milliseconds, LongestTime / 1000) * 1000;
        return error;
    }

    /// <summary>An option's value as a key; no key when it was not given.</summary>
    public Error? Key(char option, out Key key)
    {
        key = default;
        string? value = Value(option);
        return value is null || Consoles.Key.TryParse(value, out key) ? null : Bad(TextBuilder.Format($"not a key: {value}"));
    }

    /// <summary>Reads a word as a number from 0 on.</summary>
    public static Error? ParseNumber(string word, out ulong number)
    {
        bool parsed = NetBoot.Boot.App.Script.Number.TryParse(word, out long value);
        number = (ulong)value;
        return parsed && value >= 0 ? null : Bad(TextBuilder.Format($"not a number: {word}"));
    }

    private Error? ParseLong(string word, string options, ref int at)
    {
        ReadOnlySpan<char> name = word.AsSpan().Slice(2);
        int equals = name.IndexOf('=');
        string? value = equals < 0 ? null : new string(name.Slice(equals + 1));
        name = equals < 0 ? name : name.Slice(0, equals);
        if (!TryFind(options, '\0', name, out char option, out bool takesValue))
        {
            return Bad(TextBuilder.Format($"unknown option: --{name}"));
        }

        if (takesValue && value is null)
        {
            value = TakeValue(ref at);
            if (value is null)
            {
                return Bad(TextBuilder.Format($"option needs a value: --{name}"));
            }
        }

        if (!takesValue && value is not null)
        {
            return Bad(TextBuilder.Format($"option takes no value: --{name}"));
        }

        Add(option, value);
        return null;
    }

    private Error? ParseShort(string word, string options, ref int at)
    {
        if (word.Length == 1)
        {
            return Bad("unknown option: -");
        }

        for (int i = 1; i < word.Length; i++)
        {
            if (!TryFind(options, word[i], default, out char option, out bool takesValue))
            {
                return Bad(TextBuilder.Format($"unknown option: -{word[i]}"));
            }

            if (!takesValue)
            {
                Add(option, null);
                continue;
            }

            if (i + 1 < word.Length)
            {
                Add(option, word.Substring(i + 1));
                return null;
            }

            string? value = TakeValue(ref at);
            if (value is null)
            {
                return Bad(TextBuilder.Format($"option needs a value: -{option}"));
            }

            Add(option, value);
        }

        return null;
    }

    /// <summary>The next word as an option's value; null when there is none, or it is an option itself.</summary>
    private string? TakeValue(ref int at) => at == _words.Length || _words[at].StartsWith('-') ? null : _words[at++];

    private void Add(char option, string? value)
    {
        _options[_optionCount] = option;
        _values[_optionCount++] = value is null ? null : Expansion.Unmark(value);
    }

    /// <summary>Finds an option by its letter, or by its name when the letter is '\0'.</summary>
    private static bool TryFind(ReadOnlySpan<char> options, char letter, ReadOnlySpan<char> name, out char option, out bool takesValue)
    {
        if (letter == 'h' || name.SequenceEqual("help"))
        {
            option = 'h';
            takesValue = false;
            return true;
        }

        OptionList list = new(options);
        while (list.MoveNext())
        {
            option = list.Letter;
            takesValue = list.Value.Length > 0;
            if (letter != '\0' ? option == letter : list.Name.SequenceEqual(name))
            {
                return true;
            }
        }

        option = '\0';
        takesValue = false;
        return false;
    }

    private static Error Bad(string message) => new(EFI_STATUS.EFI_INVALID_PARAMETER, message);
}
