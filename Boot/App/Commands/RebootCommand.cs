using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Restarts the machine.</summary>
public sealed class RebootCommand : Command
{
    public override string Name => "reboot";
    public override string Summary => "restart the machine";
    public override string Options => "w|warm s|setup";

    protected override Error? Run(Session session, Arguments arguments) => session.Platform.Reset(
        arguments.Has('s') ? PlatformReset.ToSetup : arguments.Has('w') ? PlatformReset.Warm : PlatformReset.Cold);
}
