using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Makes the interface of a VLAN on another interface.</summary>
public sealed class VlanCreateCommand : Command
{
    public override string Name => "vcreate";
    public override string Summary => "make the interface of a VLAN";
    public override string Options => "t|tag=NUMBER p|priority=NUMBER";
    public override string Operands => "INTERFACE";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = arguments.Number('t', 0, out ulong tag);
        Error? other = arguments.Number('p', 0, out ulong priority);
        error ??= other;
        if (error is not null)
        {
            return error;
        }

        return session.FindInterface(arguments.Words[0]) is BootInterface trunk
            ? session.CreateVlan(trunk, tag, priority)
            : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {arguments.Words[0]}"));
    }
}
