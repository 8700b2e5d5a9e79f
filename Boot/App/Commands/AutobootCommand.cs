using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Boots what DHCP says, from the first interface that gets something to boot.</summary>
public sealed class AutobootCommand : InterfaceCommand
{
    public override string Name => "autoboot";
    public override string Summary => "boot what DHCP says";

    protected override bool StopsAtSuccess => true;

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface) => Autoboot.BootFrom(session, bootInterface);
}
