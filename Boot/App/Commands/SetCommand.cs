using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets a setting to the rest of the line; to nothing: deletes it.</summary>
public sealed class SetCommand : Command
{
    public override string Name => "set";
    public override string Summary => "set a setting";
    public override string Operands => "SETTING [VALUE...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments) =>
        session.Settings.Set(arguments.Words[0], ByteText.Join(arguments.Words.Slice(1)), arguments.AreForeign);
}
