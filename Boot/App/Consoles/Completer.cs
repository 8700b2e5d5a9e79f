using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Consoles;

/// <summary>Knows how a line may go on.</summary>
public abstract class Completer
{
    /// <summary>Offers what the line's last word can become.</summary>
    public abstract void Complete(Completions found);
}

/// <summary>What the last word of a line, which ends at the cursor, can become.</summary>
/// <param name="line">The line up to the cursor; valid as long as this.</param>
public sealed class Completions(string line)
{
    /// <summary>More are counted, and not listed.</summary>
    public const int MaximumListed = 200;

    private readonly List<string> _listed = new();
    private string _common = "";
    private char _end;

    public string Line { get; } = line;

    /// <summary>Where the word begins.</summary>
    public int Start { get; set; }

    /// <summary>How many ways there are.</summary>
    public int Count { get; private set; }

    /// <summary>The word as far as it was typed.</summary>
    public ReadOnlySpan<char> Word => Line.AsSpan().Slice(Start);

    /// <summary>What all ways have in common, behind what was typed; with its end when there is only one.</summary>
    public ReadOnlySpan<char> Rest
    {
        get
        {
            TextBuilder rest = new(_common.Length + 1, 0);
            rest.Append(Count == 0 ? default : _common.AsSpan().Slice(Word.Length));
            if (Count == 1 && _end != '\0')
            {
                rest.Append(_end);
            }

            return rest.Written;
        }
    }

    /// <summary>Takes a word as a way, if what was typed is its beginning.</summary>
    /// <param name="word">The whole word.</param>
    /// <param name="end">What follows it; NUL for nothing, since the word may go on.</param>
    public void Offer(ReadOnlySpan<char> word, char end)
    {
        if (!word.StartsWith(Word) || IsListed(word))
        {
            return;
        }

        int common = 0;
        while (common < Math.Min(word.Length, _common.Length) && word[common] == _common[common])
        {
            common++;
        }

        string copy = new(word);
        _common = Count == 0 ? copy : _common.Substring(0, common);
        _end = end;
        Count++;
        if (_listed.Count < MaximumListed)
        {
            _listed.Add(copy);
        }
    }

    /// <summary>Lists the ways, in columns.</summary>
    public void WriteTo(Terminal terminal)
    {
        int width = 0;
        foreach (string each in _listed)
        {
            width = Math.Max(width, ScreenText.Width(each) + 2);
        }

        int columns = Math.Max(1, (terminal.Columns - 1) / width);
        for (int i = 0; i < _listed.Count; i++)
        {
            int written = ScreenText.Write(terminal, _listed[i], terminal.Columns - 1);
            bool isLast = i % columns == columns - 1 || i == _listed.Count - 1;
            ScreenText.WriteBlanks(terminal, isLast ? 0 : width - written);
            terminal.Write(isLast ? "\n" : "");
        }

        if (Count > _listed.Count)
        {
            terminal.WriteLine(TextBuilder.Format($"... and {Count - _listed.Count} more"));
        }
    }

    private bool IsListed(ReadOnlySpan<char> word)
    {
        foreach (string each in _listed)
        {
            if (word.SequenceEqual(each))
            {
                return true;
            }
        }

        return false;
    }
}
