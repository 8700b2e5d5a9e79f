using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The tool, ended from outside while a machine of its runs: nothing of it remains.</summary>
public sealed class GuardianTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    [InlineData("KILL", 137)]
    public async Task Signal_WhileAMachineRuns_LeavesNothing(string signal, int code)
    {
        // Who runs the tests with nohup, or behind a shell's `&`, hands on a signal that is ignored, and so would the tool.
        string[] command = ["--default-signal", "dotnet", Path.Combine(AppContext.BaseDirectory, "netboot.dll"), "run"];
        using Process tool = ChildProcess.Start("env", command, "coreutils");
        try
        {
            await LeavesNothingAsync(tool, signal, code);
        }
        finally
        {
            tool.Kill();
        }
    }

    [Fact]
    public async Task Run_ThatEndsInGoodOrder_LeavesNoFolder()
    {
        using Process tool = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "netboot.dll"), "--help"], ChildProcess.SdkPackage);
        await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.Equal(0, tool.ExitCode);
        Assert.Empty(Processes(tool.Id));
        Assert.Empty(Folders(tool.Id));
    }

    private static async Task LeavesNothingAsync(Process tool, string signal, int code)
    {
        Task<string> errors = tool.StandardError.ReadToEndAsync();
        using GuestDeadline deadline = GuestDeadline.Of(tool, s_patience);
        string? line;
        do
        {
            line = await deadline.WaitAsync(tool.StandardOutput.ReadLineAsync(), "The firmware's first words");
        }
        while (line?.Contains("BdsDxe", StringComparison.Ordinal) == false);

        if (line == null)
        {
            Assert.Fail(await errors);
        }

        Task rest = tool.StandardOutput.ReadToEndAsync();
        string[] programs = [.. Processes(tool.Id).Select(each => each.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(["qemu-system-x86"], programs);
        Assert.NotEmpty(Folders(tool.Id));

        await ChildProcess.RunAsync("sh", ["-c", $"kill -{signal} {tool.Id}"], "dash");
        Assert.True(await deadline.WaitAsync(tool.WaitForExitAsync()));
        Assert.Equal(code, tool.ExitCode);
        if (signal == "KILL") // it could not wait for the guardian
        {
            using GuestDeadline end = GuestDeadline.Of(Process.GetCurrentProcess(), s_patience);
            while (!end.Passed.IsCompleted && (Processes(tool.Id).Any() || Folders(tool.Id).Length != 0))
            {
                await Task.Delay(50);
            }
        }

        Assert.Empty(Processes(tool.Id));
        Assert.Empty(Folders(tool.Id));
        await rest;
    }

    private static string[] Folders(int tool) => Directory.GetDirectories(Path.GetTempPath(), $"netboot-{tool}-*");

    /// <summary>The processes with the mark of the tool's run.</summary>
    private static IEnumerable<(int Id, string Name)> Processes(int tool)
    {
        foreach (string folder in Directory.GetDirectories("/proc").Where(each => int.TryParse(Path.GetFileName(each), out _)))
        {
            string? name = null;
            try
            {
                if (File.ReadAllText(folder + "/environ").Split('\0').Any(each => each.StartsWith($"{Guardian.Variable}={tool}-", StringComparison.Ordinal)))
                {
                    name = File.ReadAllText(folder + "/comm").Trim();
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another user's.
            }

            if (name != null)
            {
                yield return (int.Parse(Path.GetFileName(folder)), name);
            }
        }
    }
}
