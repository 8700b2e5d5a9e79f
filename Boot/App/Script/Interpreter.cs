using System;
using System.Text;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>
/// Runs scripts and command lines. Each running script has a scratch arena that is emptied before every line: whatever a line makes is gone
/// with it, so that a script can retry for ever. Errors are printed where they happen, with file and line.
/// </summary>
public sealed class Interpreter(Session session)
{
    /// <summary>Scripts within scripts; each takes some of the firmware's stack, which has 128 KiB.</summary>
    public const int MaximumDepth = 20;

    /// <summary>Lines that cannot be read, one after the other: no key that somebody holds down fails so often.</summary>
    private const int MaximumFailures = 1000;

    private Error? _quietError;
    private string _quietCommand = "";

    /// <summary>The script or shell that runs now.</summary>
    public ScriptFrame? Current { get; private set; }

    /// <summary>The status of the command that failed last, as scripts see it in ${errno}.</summary>
    public uint LastError { get; private set; }

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">An image that is a script.</param>
    /// <param name="replacement">What is to run in the place of the script, if it said so.</param>
    /// <returns>The status of its last line, or what exit said.</returns>
    public EFI_STATUS RunScript(Image script, out Image? replacement)
    {
        replacement = null;
        ReadOnlySpan<byte> content = script.Content.Span;
        using Arena arena = Arena.Create();
        using Arena scratch = Arena.Create();
        ScriptFrame frame;
        byte[] line;
        using (arena.Enter())
        {
            frame = new ScriptFrame(Current, script);
            line = new ScriptText(content).MakeBuffer();
        }

        // A running script is none of the images. It is the frame's or the registry's at each moment: a fault may end all this anywhere.
        Current = frame;
        bool wasRegistered = session.Images.Remove(script);
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        while (!frame.IsFinished && status.IsSuccess)
        {
            scratch.Reset();
            using (scratch.Enter())
            {
                if (!TryRunLine(frame, new ScriptText(content), line, out status))
                {
                    break;
                }
            }
        }

        if (wasRegistered)
        {
            session.Images.Add(script);
        }

        Current = frame.Caller;
        replacement = frame.Replacement;
        return frame.IsFinished ? frame.ExitStatus : status;
    }

    /// <summary>Runs command lines that a person types until exit, or until none can be read any more.</summary>
    public EFI_STATUS RunShell(LineEditor editor)
    {
        using Arena arena = Arena.Create();
        using Arena scratch = Arena.Create();
        ScriptFrame frame;
        using (arena.Enter())
        {
            frame = new ScriptFrame(Current, null);
        }

        Current = frame;
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        for (int failures = 0; !frame.IsFinished && failures < MaximumFailures;)
        {
            scratch.Reset();
            using (scratch.Enter())
            {
                status = editor.Read("NetBoot> ", default, 0, out ReadOnlySpan<char> line)?.Status ?? EFI_STATUS.EFI_SUCCESS;
                failures = status.IsError ? failures + 1 : 0;
                if (!status.IsError)
                {
                    _quietError = null;
                    RunLine(line);
                    if (!frame.IsFinished)
                    {
                        ReportQuietError();
                    }
                }
            }
        }

        Current = frame.Caller;
        return frame.IsFinished ? frame.ExitStatus : status;
    }

    /// <summary>Runs one command line in the current script or shell: commands with ||, &amp;&amp; and ; between.</summary>
    public EFI_STATUS RunLine(ReadOnlySpan<char> line)
    {
        string[] words = Split(line);
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        string before = ";";
        int start = 0;
        while (true)
        {
            int end = start;
            while (end < words.Length && !IsOperator(words[end]))
            {
                end++;
            }

            if (before == ";" || (before == "&&") == status.IsSuccess)
            {
                status = RunCommand(new ReadOnlySpan<string>(words, start, end - start));
                if (Current is { IsLineDone: true })
                {
                    Current.IsLineDone = false;
                    return status;
                }
            }

            if (end == words.Length)
            {
                return status;
            }

            before = words[end];
            start = end + 1;
        }
    }

    /// <summary>Prints an error with where it happened.</summary>
    public void Report(string command, Error error)
    {
        string where = Current?.Script is Image script ? TextBuilder.Format($"{script.Name}:{Current.Line}: ") : "";
        session.Terminal.WriteLine(TextBuilder.Format($"{where}{command}{(command.Length > 0 ? ": " : "")}{error.Message}"));
    }

    /// <summary>Splits a line at white space; a word that starts with # ends it. There is no quoting.</summary>
    public static string[] Split(ReadOnlySpan<char> line)
    {
        int count = 0;
        int at = 0;
        while (NextWord(line, ref at, out _))
        {
            count++;
        }

        string[] words = new string[count];
        at = 0;
        for (int i = 0; i < count; i++)
        {
            NextWord(line, ref at, out ReadOnlySpan<char> word);
            words[i] = new string(word);
        }

        return words;
    }

    private bool TryRunLine(ScriptFrame frame, ScriptText text, byte[] buffer, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_SUCCESS;
        _quietError = null;
        frame.Line = frame.NextLine;
        LineRead read = text.ReadLine(ref frame.Position, ref frame.NextLine, buffer, out int length);
        if (read == LineRead.End)
        {
            return false;
        }

        if (read != LineRead.Line)
        {
            status = Fail("", new Error(EFI_STATUS.EFI_INVALID_PARAMETER, ScriptText.Explain(read)), false);
            return true;
        }

        if (!session.EventLoop.RunOnce())
        {
            status = Fail("", new Error(EFI_STATUS.EFI_ABORTED, "interrupted"), false);
            return true;
        }

        ReadOnlySpan<byte> line = new(buffer, 0, length);
        ScriptText.TrySplitLabel(ref line, out _);
        status = RunLine(Encoding.Latin1.GetString(line));
        if (!status.IsSuccess && !frame.IsFinished)
        {
            ReportQuietError();
        }

        return true;
    }

    private EFI_STATUS RunCommand(ReadOnlySpan<string> words)
    {
        if (words.Length == 0)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        string[] expanded = new string[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            Error? endless = Expansion.Expand(words[i], session.Settings, out expanded[i]);
            if (endless is not null)
            {
                return Fail(words[0], endless, false);
            }
        }

        expanded[0] = Expansion.Unmark(expanded[0]);
        Command? command = CommandTable.Find(session.Commands, expanded[0]);
        if (command is null)
        {
            return Fail(expanded[0], new Error(EFI_STATUS.EFI_UNSUPPORTED, "command not found"), false);
        }

        Error? error = command.Execute(session, expanded);
        return error is null ? EFI_STATUS.EFI_SUCCESS : Fail(command.Name, error, command.IsAnswer(error.Status));
    }

    private EFI_STATUS Fail(string command, Error error, bool quietly)
    {
        LastError = ExitStatus.ToCode(error.Status);
        if (quietly)
        {
            _quietError = error;
            _quietCommand = command;
        }
        else
        {
            _quietError = null;
            Report(command, error);
        }

        return error.Status;
    }

    private void ReportQuietError()
    {
        if (_quietError is not null)
        {
            Report(_quietCommand, _quietError);
            _quietError = null;
        }
    }

    /// <summary>Whether a word separates commands.</summary>
    internal static bool IsOperator(string word) => word is "||" or "&&" or ";";

    private static bool NextWord(ReadOnlySpan<char> line, ref int at, out ReadOnlySpan<char> word)
    {
        while (at < line.Length && ByteText.IsSpace(line[at]))
        {
            at++;
        }

        int start = at;
        while (at < line.Length && !ByteText.IsSpace(line[at]))
        {
            at++;
        }

        word = line.Slice(start, at - start);
        return word.Length > 0 && word[0] != '#';
    }
}
