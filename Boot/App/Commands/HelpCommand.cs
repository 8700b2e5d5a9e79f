using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Lists the commands, or tells how to use one.</summary>
public sealed class HelpCommand : Command
{
    private const int NameWidth = 12;

    public override string Name => "help";
    public override string Summary => "list the commands, or tell how to use one";
    public override string Operands => "[COMMAND]";
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Length > 0)
        {
            Command? command = CommandTable.Find(session.Commands, arguments.Words[0]);
            if (command is null)
            {
                return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such command: {arguments.Words[0]}"));
            }

            CommandHelp.Write(session.Terminal, command);
            return null;
        }

        foreach (Command command in session.Commands)
        {
            TextBuilder line = new(80, 0);
            line.Append("  ");
            line.Append(command.Name);
            for (int i = command.Name.Length; i < NameWidth; i++)
            {
                line.Append(' ');
            }

            line.Append(command.Summary);
            session.Terminal.WriteLine(line.Written);
        }

        session.Terminal.WriteLine("help COMMAND tells what a command takes, with an example.");
        return null;
    }
}
