using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Takes the interface of a VLAN away.</summary>
public sealed class VlanDestroyCommand : Command
{
    public override string Name => "vdestroy";
    public override string Summary => "take the interface of a VLAN away";
    public override string Operands => "INTERFACE";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments) => session.FindInterface(arguments.Words[0]) is BootInterface vlan
        ? session.DestroyVlan(vlan)
        : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {arguments.Words[0]}"));
}
