using System;

namespace NetBoot.Boot.App.Commands;

/// <summary>A command's options, one after the other, out of the text that describes them ("n|name=NAME q|quiet").</summary>
public ref struct OptionList(ReadOnlySpan<char> options)
{
    private ReadOnlySpan<char> _rest = options;

    public char Letter { get; private set; }
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>What its value is; empty when it takes none.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Goes to the next; false when there is none.</summary>
    public bool MoveNext()
    {
        if (_rest.Length == 0)
        {
            return false;
        }

        int end = _rest.IndexOf(' ');
        ReadOnlySpan<char> option = end < 0 ? _rest : _rest.Slice(0, end);
        _rest = end < 0 ? default : _rest.Slice(end + 1);
        int equals = option.IndexOf('=');
        Letter = option[0];
        Name = equals < 0 ? option.Slice(2) : option.Slice(2, equals - 2);
        Value = equals < 0 ? default : option.Slice(equals + 1);
        return true;
    }
}
