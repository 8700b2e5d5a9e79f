using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Ends the script or the shell, with a status.</summary>
public sealed class ExitCommand : Command
{
    public override string Name => "exit";
    public override string Summary => "end the script or the shell";
    public override string Operands => "[STATUS]";
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong code = 0;
        Error? error = arguments.Words.Length == 0 ? null : Arguments.ParseNumber(arguments.Words[0], out code);
        if (error is not null)
        {
            return error;
        }

        EFI_STATUS status = ExitStatus.FromCode(code);
        session.Interpreter.Current?.Exit(status);
        return status.IsSuccess ? null : new Error(status, TextBuilder.Format($"status {code}"));
    }
}
