using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens a disk over the network for what is started later.</summary>
public sealed class SanHookCommand : Command
{
    public override string Name => "sanhook";
    public override string Summary => "open a disk over the network (http, https, iscsi) for what is started";
    public override string Options => "d|drive=NUMBER n|no-describe";
    public override string Operands => "URI...";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments) =>
        arguments.Number('d', session.San.UsualNumber, out ulong number) ?? session.San.Hook(number, arguments.Words, !arguments.Has('n'), out _);
}
