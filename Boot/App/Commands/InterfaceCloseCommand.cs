using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Closes interfaces; they lose their addresses.</summary>
public sealed class InterfaceCloseCommand : InterfaceCommand
{
    public override string Name => "ifclose";
    public override string Summary => "close interfaces";

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface)
    {
        bootInterface.Close();
        return null;
    }
}
