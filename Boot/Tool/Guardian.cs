using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace NetBoot.Boot.Tool;

/// <summary>
/// Sees to it that nothing outlives a run, however it ends, SIGKILL too. What a run starts carries its mark in the environment, and so do
/// their children in turn; a shell beside it notices the run's end, ends whatever carries the mark, and removes the run's folders.
/// </summary>
/// <remarks>
/// A program that was itself started by a run belongs to that one: its guardian is the run's. Build servers have a mark of their own: they
/// stay for the next build when the run ends in good order.
/// </remarks>
public static class Guardian
{
    /// <summary>The environment variable with the run's mark.</summary>
    public const string Variable = "NETBOOT_RUN";

    /// <summary>The same for builds, and the servers that they leave.</summary>
    public const string BuildVariable = "NETBOOT_BUILD";

    /// <summary>
    /// $1 is the mark, $2 the folders' beginning. Waits for the end of the pipe from the run, or for its word that it ends in good order. What
    /// is started while others are ended is found the next time round.
    /// </summary>
    private const string Script = $$"""
        trap '' HUP INT QUIT TERM
        names='({{Variable}}|{{BuildVariable}})'
        read -r word && names={{Variable}}
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            found=$(cd /proc && grep -lzxE "$names=$1" [0-9]*/environ 2>/dev/null)
            [ -n "$found" ] || break
            for each in $found; do kill -KILL "${each%/environ}" 2>/dev/null; done
            sleep 0.1
        done
        rm -rf "${2:?}"*
        """;

    private static readonly Lock s_gate = new();
    private static readonly CancellationTokenSource s_ending = new();
    private static readonly List<PosixSignalRegistration> s_signals = [];
    private static string? s_mark = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } mark ? mark : null;
    private static Process? s_shell;
    private static bool s_isEnding;

    /// <summary>Cancelled when a signal has asked this program to end.</summary>
    public static CancellationToken Ending => s_ending.Token;

    /// <summary>How the names of the run's folders in the temporary folder begin.</summary>
    public static string FolderPrefix
    {
        get
        {
            lock (s_gate)
            {
                return $"netboot-{Mark()}-";
            }
        }
    }

    /// <summary>Makes this program a run of its own, whoever has started it.</summary>
    public static void BeginRun()
    {
        lock (s_gate)
        {
            s_mark = null;
            Mark();
        }
    }

    /// <summary>Ends the run in good order: returns when nothing of it is left.</summary>
    public static void EndRun()
    {
        bool isEnding;
        lock (s_gate)
        {
            isEnding = s_isEnding;
            s_isEnding = true;
        }

        if (isEnding)
        {
            Thread.Sleep(Timeout.Infinite); // the signal's own thread ends the program, with the signal's number
        }

        if (s_shell != null)
        {
            try
            {
                s_shell.StandardInput.WriteLine("done");
                s_shell.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has been ended from outside.
            }

            s_shell.WaitForExit();
        }
    }

    /// <summary>Starts a program with the run's mark.</summary>
    /// <param name="info">The program.</param>
    /// <param name="isBuild">Whether it leaves build servers, which may stay.</param>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    /// <exception cref="ToolError">The run is ending.</exception>
    internal static Process Start(ProcessStartInfo info, bool isBuild)
    {
        lock (s_gate)
        {
            if (s_isEnding)
            {
                throw new ToolError("Ended by a signal.");
            }

            info.Environment.Remove(Variable);
            info.Environment[isBuild ? BuildVariable : Variable] = Mark();
            return Process.Start(info)!;
        }
    }

    // Under the lock: the mark, and the first time the shell beside us.
    private static string Mark()
    {
        if (s_mark != null)
        {
            return s_mark;
        }

        s_mark = $"{Environment.ProcessId}-{Random.Shared.Next():x8}";
        ProcessStartInfo info = new("setsid") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (string argument in (string[])["sh", "-c", Script, "netboot-guardian", s_mark, Path.Combine(Path.GetTempPath(), $"netboot-{s_mark}-")])
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Remove(Variable);
        info.Environment.Remove(BuildVariable);
        try
        {
            s_shell = Process.Start(info)!;
        }
        catch (Win32Exception)
        {
            throw new ToolError("The program setsid is not installed.", "Install it: sudo apt-get install util-linux");
        }

        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGHUP, PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            s_signals.Add(PosixSignalRegistration.Create(signal, End));
        }

        return s_mark;
    }

    private static void End(PosixSignalContext signal)
    {
        signal.Cancel = true; // The end is below.
        lock (s_gate)
        {
            if (s_isEnding)
            {
                return;
            }

            s_isEnding = true;
        }

        _ = s_ending.CancelAsync(); // not on this thread: whoever waits for it goes on to EndRun
        s_shell!.StandardInput.Close();
        s_shell.WaitForExit();
        int number = signal.Signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, _ => 15 };
        Environment.Exit(128 + number);
    }
}
