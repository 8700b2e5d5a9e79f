using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Says what is printed on the keyboard's keys, as the setting of that name does; nothing, for an American one.</summary>
public sealed class KeymapCommand : Command
{
    public override string Name => "keymap";
    public override string Summary => "choose what is printed on the keyboard's keys";
    public override string Operands => "[NAME]";
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments) =>
        session.Settings.Set("keymap", arguments.Words.Length == 0 ? "" : arguments.Words[0]);
}
