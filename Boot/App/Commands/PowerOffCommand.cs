using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Switches the machine off.</summary>
public sealed class PowerOffCommand : Command
{
    public override string Name => "poweroff";
    public override string Summary => "switch the machine off";

    protected override Error? Run(Session session, Arguments arguments) => session.Platform.Reset(PlatformReset.Off);
}
