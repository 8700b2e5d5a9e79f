using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Reads commands from a person until exit; a script goes on after it.</summary>
public sealed class ShellCommand : Command
{
    public override string Name => "shell";
    public override string Summary => "read commands from the keyboard";

    protected override Error? Run(Session session, Arguments arguments)
    {
        if (session.Interpreter.Current is { Depth: >= Interpreter.MaximumDepth })
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "too many shells within shells");
        }

        EFI_STATUS status = session.RunShell();
        return status.IsSuccess ? null : new Error(status, TextBuilder.Format($"status {ExitStatus.ToCode(status)}"));
    }
}
