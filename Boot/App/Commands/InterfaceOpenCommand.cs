using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens interfaces.</summary>
public sealed class InterfaceOpenCommand : InterfaceCommand
{
    public override string Name => "ifopen";
    public override string Summary => "open interfaces";

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface) => session.Open(bootInterface);
}
