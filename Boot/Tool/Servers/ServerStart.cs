using System;
using System.Diagnostics;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Servers;

/// <summary>Waits until a server says that it serves.</summary>
internal static class ServerStart
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="server">A server that logs on its standard error.</param>
    /// <param name="word">What a line of its log holds when it serves.</param>
    /// <param name="log">Gets what it says up to there.</param>
    /// <returns>Whether it serves; else it has ended.</returns>
    /// <exception cref="ToolError">It says nothing of the kind in a minute of its own time.</exception>
    public static async Task<bool> WaitAsync(Process server, string word, StringBuilder log)
    {
        using GuestDeadline deadline = GuestDeadline.Of(server, s_patience);
        while (await deadline.WaitAsync(server.StandardError.ReadLineAsync(), $"'{word}' from {server.StartInfo.FileName}").ConfigureAwait(false) is string line)
        {
            log.AppendLine(line);
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
