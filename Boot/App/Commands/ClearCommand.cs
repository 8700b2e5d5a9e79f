using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Deletes a setting; one that does not exist is deleted already.</summary>
public sealed class ClearCommand : Command
{
    public override string Name => "clear";
    public override string Summary => "delete a setting";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments) => session.Settings.Set(arguments.Words[0], "");
}
