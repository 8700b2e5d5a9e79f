using NetBoot.Boot.App.Menus;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Shows settings and lets a person change them.</summary>
public sealed class ConfigCommand : Command
{
    public override string Name => "config";
    public override string Summary => "show and change settings";
    public override string Operands => "[SCOPE]";
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        using ConfigScreen screen = new(session);
        session.IsEditing = true;
        Error? error = screen.Run(arguments.Words.Length == 0 ? "" : arguments.Words[0]);
        session.IsEditing = false;
        return error;
    }
}
