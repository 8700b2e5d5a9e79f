using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetBoot.Tests.App.Language;

/// <summary>A case of the table: see the head of cases.txt.</summary>
internal sealed record LanguageCase(string Name, string[] Nics, string Keys, string Script, string Output)
{
    private static readonly string s_directory = Path.Combine(AppContext.BaseDirectory, "App", "Language");

    /// <summary>Every case, in the file's order.</summary>
    public static IReadOnlyList<LanguageCase> All { get; } =
        File.ReadAllText(Path.Combine(s_directory, "cases.txt")).Split("\n=== ").Skip(1).Select(Parse).ToArray();

    private static LanguageCase Parse(string text)
    {
        string[] lines = Unescape(text).Split('\n')[..^1]; // without the empty line before the next
        string[] nics = [];
        string keys = "";
        bool hasSource = false;
        int at = 1;
        for (; at < lines.Length; at++)
        {
            string line = lines[at];
            if (line.StartsWith("source: ", StringComparison.Ordinal))
            {
                hasSource = true;
            }
            else if (line.StartsWith("nics: ", StringComparison.Ordinal))
            {
                nics = line[6..].Split(' ');
            }
            else if (line.StartsWith("keys: ", StringComparison.Ordinal))
            {
                keys = line[6..].Replace("^C", "\x03").Replace("^M", "\r");
            }
            else if (!line.StartsWith("better: ", StringComparison.Ordinal))
            {
                break;
            }
        }

        int end = Array.IndexOf(lines, "---");
        if (!hasSource || end < 0)
        {
            throw new InvalidDataException($"{lines[0]}: no source, or no result");
        }

        return new LanguageCase(lines[0], nics, keys, string.Join('\n', lines[at..end]), string.Concat(lines[(end + 1)..].Select(line => line + "\n")));
    }

    private static string Unescape(string text) => text.Replace('␠', ' ').Replace('␉', '\t').Replace('␍', '\r').Replace('␛', '\x1B');
}
