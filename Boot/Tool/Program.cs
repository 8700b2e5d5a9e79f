using System;
using System.CommandLine;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Commands;
using Spectre.Console;

namespace NetBoot.Boot.Tool;

/// <summary>The <c>./netboot</c> command.</summary>
public static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        Guardian.BeginRun();
        try
        {
            return await RunAsync(arguments);
        }
        finally
        {
            Guardian.EndRun();
        }
    }

    /// <summary>Whether a verb works only in a checkout: the installed tool says so.</summary>
    public static bool NeedsSources(string verb) => verb is "build" or "test" or "fuzz" or "bench" or "pack" or "dist";

    /// <summary>The command with all its verbs.</summary>
    public static RootCommand CreateRoot()
    {
        RootCommand root = new("NetBoot: UEFI network boot. Builds, demonstrates and tests the images, and puts them where firmware finds them.")
        {
            BuildCommand.Create(),
            DemoCommand.Create(),
            TestCommand.Create(),
            FuzzCommand.Create(),
            RunCommand.Create(),
            BenchCommand.Create(),
            ImageCommand.Create(),
            SignCommand.Create(),
            PackCommand.Create(),
            DistCommand.Create(),
        };
        Examples.AddTo(root);
        return root;
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        AnsiConsole.Console = NewConsole(Console.Out, Console.IsOutputRedirected);
        try
        {
            // The guardian has the signals.
            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await CreateRoot().Parse(arguments).InvokeAsync(configuration, Guardian.Ending);
        }
        catch (ToolError error)
        {
            IAnsiConsole console = NewConsole(Console.Error, Console.IsErrorRedirected);
            console.MarkupLineInterpolated($"[red]error:[/] {error.Message}");
            if (error.Next != null)
            {
                console.MarkupLineInterpolated($"[yellow]next:[/] {error.Next}");
            }

            return 1;
        }
        catch (InputError error)
        {
            NewConsole(Console.Error, Console.IsErrorRedirected).MarkupLineInterpolated($"[red]error:[/] {error.Message}");
            return 1;
        }
    }

    /// <summary>Colours and live lines for a person, plain unbroken lines for a file.</summary>
    private static IAnsiConsole NewConsole(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            console.Profile.Width = 1000;
        }

        return console;
    }
}
