using Uefi.Interop;
using Uefi.Interop.Raw;

namespace Boot.App;

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
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, Text.Format($"command not found: {arguments.Words[0]}"));
        }
        ulong started = session.Pump.Now;
        Error? error = command.Execute(session, arguments.Words.ToArray());
        session.Terminal.WriteLine(Text.Format($"{command.Name}: {new Duration(session.Pump.Now - started)}"));
        return error;
    }
}
