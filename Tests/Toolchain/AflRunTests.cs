using System;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Fuzz;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>How AFL++ is called.</summary>
public sealed class AflRunTests
{
    [Fact]
    public void TimeLimit_IsOneThatAflDoesNotChange()
    {
        string[] command = AflRun.CommandOf("wire", 1);
        Assert.InRange(int.Parse(command[Array.IndexOf(command, "-t") + 1]), 20_000, int.MaxValue);
    }

    [Fact]
    public void NoAfl_IsAnErrorThatSaysWhatToDo()
    {
        ToolError error = AflRun.ErrorOf(127, "env: 'afl-fuzz': No such file or directory");
        Assert.Contains("afl-fuzz", error.Message);
        Assert.Contains("apt-get install afl++", error.Next);
        Assert.Contains("--engine loop", error.Next);
    }

    [Fact]
    public void AnotherEnd_IsToldWithTheLastThatWasPrinted() => Assert.EndsWith("PROGRAM ABORT", AflRun.ErrorOf(1, "Hello\nPROGRAM ABORT\n").Message);
}
