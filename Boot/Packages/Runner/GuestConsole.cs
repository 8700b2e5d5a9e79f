using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace NetBoot.Boot.Packages.Runner;

/// <summary>A machine's serial line: of it goes to the terminal what stands between the launcher's two lines, as it comes.</summary>
/// <param name="terminal">Where to.</param>
public sealed class GuestConsole(Stream terminal)
{
    private const string Begin = "launch: begin\r\n";
    private const string End = "\r\nlaunch: end ";

    // Latin-1: a character a byte, which goes out as it came.
    private string _pending = "";
    private bool _hasEnded;

    /// <summary>The launcher's first line has come.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>All that came before it.</summary>
    public string FirmwareText { get; private set; } = "";

    /// <summary>The EFI_STATUS that the image ended with; null until then.</summary>
    public ulong? Status { get; private set; }

    /// <summary>More of the line.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _pending += Encoding.Latin1.GetString(bytes);
        if (!HasBegun)
        {
            int begin = _pending.IndexOf(Begin, StringComparison.Ordinal);
            FirmwareText = begin < 0 ? _pending : _pending[..begin];
            if (begin < 0)
            {
                return;
            }

            HasBegun = true;
            _pending = _pending[(begin + Begin.Length)..];
        }

        int end = _hasEnded ? 0 : _pending.IndexOf(End, StringComparison.Ordinal);
        _hasEnded |= end >= 0;
        int shown = end >= 0 ? end : _pending.Length - EndBeginning(_pending);
        terminal.Write(Encoding.Latin1.GetBytes(_pending[..shown]));
        terminal.Flush();
        _pending = _pending[shown..];
        int line = _hasEnded ? _pending.IndexOf("\r\n", End.Length, StringComparison.Ordinal) : -1;
        if (line >= 0 && ulong.TryParse(_pending.AsSpan(End.Length, line - End.Length), NumberStyles.HexNumber, null, out ulong status))
        {
            Status = status;
        }
    }

    /// <summary>How many of the last characters may be the beginning of the launcher's last line: they wait.</summary>
    private static int EndBeginning(string text)
    {
        int length = Math.Min(text.Length, End.Length - 1);
        while (!text.EndsWith(End[..length], StringComparison.Ordinal))
        {
            length--;
        }

        return length;
    }
}
