using System;
using System.Text;
using NetBoot.Boot.App.Commands;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>
/// What can be said of a script without running it: for the tools that put it into an image. What depends on settings is left to the
/// machine.
/// </summary>
public static class ScriptCheck
{
    /// <summary>Characters of a file that is no script that are shown.</summary>
    private const int MaximumShown = 40;

    /// <summary>Finds the first line that cannot work: commands that are not there, bad options, labels that are nowhere.</summary>
    /// <param name="content">The whole script.</param>
    /// <param name="lineNumber">The physical line, from 1.</param>
    /// <returns>Null when nothing is wrong.</returns>
    public static Error? Check(ReadOnlySpan<byte> content, out int lineNumber)
    {
        lineNumber = 1;
        if (!ScriptText.IsScript(content))
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"not a script: {WhyNoScript(content)}"));
        }

        Command[] commands = CommandTable.Create();
        ScriptText text = new(content);
        byte[] buffer = text.MakeBuffer();
        int position = 0;
        int next = 1;
        while (true)
        {
            lineNumber = next;
            LineRead read = text.ReadLine(ref position, ref next, buffer, out int length);
            if (read != LineRead.Line)
            {
                return read == LineRead.End ? null : Bad(ScriptText.Explain(read));
            }

            ReadOnlySpan<byte> line = new(buffer, 0, length);
            ScriptText.TrySplitLabel(ref line, out _);
            Error? error = CheckLine(Interpreter.Split(Encoding.Latin1.GetString(line)), commands, content);
            if (error is not null)
            {
                return error;
            }
        }
    }

    /// <summary>What a file that is no script begins with instead.</summary>
    public static string WhyNoScript(ReadOnlySpan<byte> content)
    {
        if (content.Length == 0)
        {
            return "it is empty";
        }

        // Unicode 15, 23.8: U+FEFF in UTF-8, and in UTF-16 of either order.
        if (content.StartsWith("\uFEFF"u8) || (content.Length >= 2 && content[0] + content[1] == 0xFF + 0xFE && content[0] >= 0xFE))
        {
            return "a byte order mark stands before its first line: save it without, as UTF-8";
        }

        TextBuilder start = new(MaximumShown, 0);
        for (int i = 0; i < content.Length && i < MaximumShown && content[i] is not ((byte)'\r' or (byte)'\n'); i++)
        {
            start.Append(content[i] is >= (byte)' ' and < 0x7F ? (char)content[i] : '.');
        }

        return TextBuilder.Format($"it begins with \"{start.Written}\", not with #!ipxe");
    }

    private static Error? CheckLine(string[] words, Command[] commands, ReadOnlySpan<byte> content)
    {
        int start = 0;
        while (start < words.Length)
        {
            int end = start;
            while (end < words.Length && !Interpreter.IsOperator(words[end]))
            {
                end++;
            }

            string[] command = new string[end - start];
            new ReadOnlySpan<string>(words, start, end - start).CopyTo(command);
            bool isCaught = end < words.Length && words[end] == "||";
            Error? error = command.Length == 0 ? null : CheckCommand(command, isCaught, commands, content);
            if (error is not null)
            {
                return error;
            }

            start = end + 1;
        }

        return null;
    }

    /// <param name="words">The command and its arguments.</param>
    /// <param name="isCaught">Whether the script says what to do when the command fails: then it may be one of other versions.</param>
    /// <param name="commands">All that there are.</param>
    /// <param name="content">The whole script, for its labels.</param>
    private static Error? CheckCommand(string[] words, bool isCaught, Command[] commands, ReadOnlySpan<byte> content)
    {
        if (HasSetting(words[0]))
        {
            return null;
        }

        Command? command = CommandTable.Find(commands, words[0]);
        if (command is null)
        {
            return isCaught ? null : Bad(TextBuilder.Format($"{words[0]}: command not found"));
        }

        foreach (string word in words)
        {
            if (HasSetting(word))
            {
                return null;
            }
        }

        Error? error = Arguments.Parse(words, command.Options, out Arguments arguments);
        if (error is not null)
        {
            return Bad(TextBuilder.Format($"{words[0]}: {error.Message}"));
        }

        if (arguments.Has('h'))
        {
            return null;
        }

        error = CheckValues(command.Options, arguments);
        if (error is not null)
        {
            return Bad(TextBuilder.Format($"{words[0]}: {error.Message}"));
        }

        int count = arguments.Words.Length;
        if (count < command.MinimumOperands || count > command.MaximumOperands)
        {
            return Bad(TextBuilder.Format($"{words[0]}: too {(count < command.MinimumOperands ? "few" : "many")} arguments"));
        }

        for (int i = 0; i < count && !isCaught && error is null && command is SanBootCommand or SanHookCommand; i++)
        {
            error = SanDrives.Check(arguments.Words[i]);
        }

        if (error is not null)
        {
            return Bad(TextBuilder.Format($"{words[0]}: {error.Message}"));
        }

        return command is not GotoCommand || isCaught ||
            new ScriptText(content).TryFindLabel(ByteText.ToBytes(arguments.Words[0]), out _, out _)
            ? null
            : Bad(TextBuilder.Format($"goto: label not found: {arguments.Words[0]}"));
    }

    /// <summary>Reads the values of options that are numbers or keys.</summary>
    private static Error? CheckValues(string text, Arguments arguments)
    {
        Error? error = null;
        OptionList options = new(text);
        while (error is null && options.MoveNext())
        {
            error = options.Value switch
            {
                "MILLISECONDS" => arguments.Number(options.Letter, 0, out _),
                "KEY" => arguments.Key(options.Letter, out _),
                _ => null,
            };
        }

        return error;
    }

    private static bool HasSetting(string word) => word.AsSpan().IndexOf("${") >= 0;

    private static Error Bad(string message) => new(EFI_STATUS.EFI_INVALID_PARAMETER, message);
}
