using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool;

/// <summary>Starts programs, with an error that names the Debian package when one is missing.</summary>
public static class ChildProcess
{
    /// <summary>The Debian package with <c>dotnet</c>.</summary>
    public const string SdkPackage = "dotnet-sdk-10.0";

    /// <summary>
    /// Starts a program with all three standard streams redirected, in a network namespace if given. It ends with this run at the latest
    /// (<see cref="Guardian"/>).
    /// </summary>
    public static Process Start(string program, IEnumerable<string> arguments, string package, NetBoot.Boot.Tool.Servers.NetworkNamespace? inside = null) =>
        Start(program, arguments, package, inside, isBuild: false);

    /// <summary>Starts <c>dotnet build</c>, whose servers may stay for the next.</summary>
    public static Process StartBuild(IEnumerable<string> arguments) => Start("dotnet", ["build", .. arguments], SdkPackage, null, isBuild: true);

    private static Process Start(
        string program, IEnumerable<string> arguments, string package, NetBoot.Boot.Tool.Servers.NetworkNamespace? inside, bool isBuild)
    {
        ProcessStartInfo info = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (inside != null)
        {
            info.FileName = "nsenter";
            inside.EnterArguments.ForEach(info.ArgumentList.Add);
            info.ArgumentList.Add(program);
        }

        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        // Servers live in sbin, which is not on an ordinary user's path.
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        try
        {
            return Guardian.Start(info, isBuild);
        }
        catch (Win32Exception)
        {
            throw new ToolError($"The program {program} is not installed.", $"Install it: sudo apt-get install {package}");
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed on standard output.</returns>
    /// <exception cref="ToolError">It failed; the message holds what it printed.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string package, NetBoot.Boot.Tool.Servers.NetworkNamespace? inside = null)
    {
        using Process process = Start(program, arguments, package, inside);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode == 0
            ? await output.ConfigureAwait(false)
            : throw new ToolError($"{program} failed ({process.ExitCode}): {(await output.ConfigureAwait(false)).Trim()} {(await errors.ConfigureAwait(false)).Trim()}");
    }
}
