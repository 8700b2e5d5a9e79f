using System;
using System.CommandLine;
using System.Threading.Tasks;
using Boot.Tool.Commands;
using Spectre.Console;

namespace Boot.Tool;

/// <summary>The <c>./netboot</c> command.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("NetBoot: UEFI network boot. Builds, demonstrates and tests the images.")
        {
            BuildCommand.Create(),
            DemoCommand.Create(),
            TestCommand.Create(),
            RunCommand.Create(),
        };
        try
        {
            return await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (ToolError error)
        {
            IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            console.MarkupLineInterpolated($"[red]error:[/] {error.Message}");
            if (error.Next != null)
            {
                console.MarkupLineInterpolated($"[yellow]next:[/] {error.Next}");
            }

            return 1;
        }
    }
}
