using System;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Consoles;

/// <summary>A download's progress on one line of the terminal, in place, at most four times a second.</summary>
public sealed class Progress(Terminal terminal, EventLoop loop, string what, DownloadTarget download) : IDisposable
{
    public const ulong UpdateInterval = 250_000;

    private readonly Arena _scratch = Arena.Create();
    private readonly ulong _started = loop.Now;
    private ulong _updated = loop.Now;
    private int _shown;

    /// <summary>Shows the progress again, if it is time to.</summary>
    public void Update(ulong now)
    {
        if (now - _updated < UpdateInterval)
        {
            return;
        }

        _updated = now;
        _scratch.Reset();
        using (_scratch.Enter())
        {
            Show(Line(now));
        }
    }

    /// <summary>Leaves a summary in place of the progress.</summary>
    public void Finish(bool succeeded)
    {
        using (_scratch.Enter())
        {
            ulong elapsed = Math.Max(1, loop.Now - _started);
            if (succeeded)
            {
                Show(TextBuilder.Format($"{what}: {new ByteSize(download.Received)} in {new Duration(elapsed)}, {new ByteSize(Rate(elapsed))}/s"));
            }
            else if (_shown > 0)
            {
                Show(TextBuilder.Format($"{what}: stopped after {new ByteSize(download.Received)}"));
            }

            if (succeeded || _shown > 0)
            {
                terminal.Write("\n");
            }
        }

        _shown = 0;
    }

    public void Dispose() => _scratch.Dispose();

    private string Line(ulong now)
    {
        ulong elapsed = Math.Max(1, now - _started);
        ulong rate = Rate(elapsed);
        if (download.Size is not ulong size || size == 0)
        {
            return TextBuilder.Format($"{what}: {new ByteSize(download.Received)}, {new ByteSize(rate)}/s");
        }

        ulong percent = (ulong)(uint)(Math.Min(download.Received, size) / Math.Max(1, size / 100 + 1));
        TextBuilder text = new(80, 0);
        text.AppendFormatted(TextBuilder.Format($"{what}: {Math.Min(percent, 100)}% of {new ByteSize(size)}, {new ByteSize(rate)}/s"));
        if (rate > 0)
        {
            text.AppendFormatted(TextBuilder.Format($", {new Duration((size - Math.Min(size, download.Received)) * 1000 / rate * 1000)} left"));
        }

        return text.ToString();
    }

    /// <summary>Bytes a second so far.</summary>
    private ulong Rate(ulong elapsed) => download.Received < ulong.MaxValue / 1_000_000
        ? download.Received * 1_000_000 / elapsed
        : download.Received / Math.Max(1, elapsed / 1_000_000);

    private void Show(ReadOnlySpan<char> line)
    {
        int room = terminal.Columns - 1;
        line = line.Slice(Math.Max(0, line.Length - room)); // a long address loses its beginning, not the numbers
        terminal.Write("\r");
        terminal.Write(line);
        for (int i = line.Length; i < _shown; i++)
        {
            terminal.Write(" ");
        }

        _shown = line.Length;
    }
}
