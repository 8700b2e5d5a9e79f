using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Runs a command and prints how long it took.</summary>
public sealed class TimeCommand : Command
{
    public override string Name => "time";
    public override string Summary => "run a command and print how long it took";
    public override string Operands => "COMMAND [ARGUMENT...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Command? command = CommandTable.Find(session.Commands, arguments.Words[0]);
        if (command is null)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"command not found: {arguments.Words[0]}"));
        }

        ulong started = session.EventLoop.Now;
        Error? error = command.Execute(session, arguments.MarkedWords.ToArray());
        session.Terminal.WriteLine(TextBuilder.Format($"{command.Name}: {new Duration(session.EventLoop.Now - started)}"));
        return error;
    }
}
