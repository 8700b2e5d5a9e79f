using System;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// A machine's serial line. Waiting is driven by arriving text: each wait goes on after where the last one matched, ends with the
/// machine, and fails at once when firmware reports a processor exception. Limits are in the guest's own time (<see cref="GuestDeadline"/>).
/// </summary>
public sealed class SerialConsole
{
    private static readonly Regex s_crash = new(
        @"!!!! X64 Exception Type|Synchronous Exception at|ASSERT \S+\(\d+\)|Kernel panic - not syncing", RegexOptions.CultureInvariant);

    private readonly StringBuilder _text = new();
    private readonly Lock _gate = new();
    private readonly Stream _input;
    private readonly string _raw;
    private readonly Action<string>? _observer;
    private readonly TimeSpan _patience;
    private readonly GuestProgress _progress;
    private readonly AnsiFilter _filter = new();
    private TaskCompletionSource _changed = NewSignal();
    private bool _ended;
    private int _cursor;

    /// <param name="output">What the machine prints.</param>
    /// <param name="input">What is typed.</param>
    /// <param name="progress">The machine's, by which waits are limited.</param>
    /// <param name="rawFile">Gets all that the machine prints, as it is.</param>
    /// <param name="observer">Called with each piece, on the reader's thread.</param>
    /// <param name="patience">How long a wait without a limit of its own lasts; 60 s if not given.</param>
    /// <param name="last">The byte behind the machine's last, where other machines use the line after it.</param>
    internal SerialConsole(
        Stream output, Stream input, GuestProgress progress, string rawFile, Action<string>? observer, TimeSpan? patience = null, byte? last = null)
    {
        _progress = progress;
        _patience = patience ?? TimeSpan.FromSeconds(60);
        _input = input;
        _raw = rawFile;
        _observer = observer;
        Completed = ReadAsync(output, last);
    }

    /// <summary>Ends when the machine has closed the line.</summary>
    internal Task Completed { get; }

    /// <summary>All that was printed until now, without terminal control sequences.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Waits until <paramref name="pattern"/> has been printed after the last match.</summary>
    /// <exception cref="ToolError">It was not, in <paramref name="timeout"/> or before the machine ended; or the guest crashed.</exception>
    public async Task<Match> WaitForAsync(string pattern, TimeSpan? timeout = null)
    {
        Regex regex = new(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline);
        using GuestDeadline deadline = new(_progress, timeout ?? _patience);
        while (true)
        {
            Task signal;
            bool last;
            lock (_gate)
            {
                string unseen = _text.ToString(_cursor, _text.Length - _cursor);
                Match match = regex.Match(unseen);
                if (match.Success)
                {
                    _cursor += match.Index + match.Length;
                    return match;
                }

                if (s_crash.IsMatch(unseen))
                {
                    last = true;
                }
                else
                {
                    last = _ended;
                }

                signal = _changed.Task;
            }

            if (last)
            {
                // A crash dump takes a moment to print: let the rest arrive for the report.
                await Task.WhenAny(Completed, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
                throw new ToolError($"The guest ended or crashed before it printed /{pattern}/.{Tail()}");
            }

            if (!await deadline.WaitAsync(signal).ConfigureAwait(false))
            {
                throw new ToolError($"The guest did not print /{pattern}/ in {deadline}.{Tail()}");
            }
        }
    }

    /// <summary>Types text.</summary>
    public async Task SendAsync(string keys)
    {
        await _input.WriteAsync(Encoding.UTF8.GetBytes(keys)).ConfigureAwait(false);
        await _input.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>The last lines, for an error report.</summary>
    public string Tail(int lines = 40)
    {
        string[] all = Text.Replace("\r", "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return $"\n--- serial, last {Math.Min(lines, all.Length)} lines ---\n" + string.Join('\n', all[^Math.Min(lines, all.Length)..]);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(Stream output, byte? last)
    {
        byte[] buffer = new byte[8192];
        await using FileStream log = File.Create(_raw);
        try
        {
            bool isOver = false;
            for (int count; !isOver && (count = await output.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                int end = last is byte mark ? buffer.AsSpan(0, count).IndexOf(mark) : -1;
                isOver = end >= 0;
                count = isOver ? end : count;
                log.Write(buffer, 0, count);
                log.Flush();
                string clean = _filter.Strip(Encoding.UTF8.GetString(buffer, 0, count));
                _observer?.Invoke(clean);
                Append(clean, false);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The machine is gone.
        }

        Append("", true);
    }

    private void Append(string more, bool end)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            _text.Append(more);
            _ended |= end;
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }

    /// <summary>Removes terminal control sequences (ECMA-48 CSI), which may be cut between two reads.</summary>
    private sealed class AnsiFilter
    {
        private int _state; // 0 text, 1 after ESC, 2 in a CSI sequence

        public string Strip(string piece)
        {
            StringBuilder result = new(piece.Length);
            foreach (char c in piece)
            {
                switch (_state)
                {
                    case 0 when c == '\x1b':
                        _state = 1;
                        break;
                    case 0 when c is not ('\0' or '\a' or '\b'):
                        result.Append(c);
                        break;
                    case 1:
                        _state = c == '[' ? 2 : 0;
                        break;
                    case 2 when c is >= '@' and <= '~':
                        _state = 0;
                        break;
                }
            }

            return result.ToString();
        }
    }
}
