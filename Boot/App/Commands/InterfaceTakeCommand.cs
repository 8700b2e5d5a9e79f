using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Has the drivers inside the image drive every NIC that they know, whoever has it. Interfaces are closed.</summary>
public sealed class InterfaceTakeCommand : Command
{
    public override string Name => "iftake";
    public override string Summary => "drive NICs with the drivers inside the image, although the firmware has others";

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            bootInterface.Close();
        }

        return session.Platform.TakeNics(session.Terminal);
    }
}
