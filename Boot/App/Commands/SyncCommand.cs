using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Waits for what runs beside the script, which nothing does: all commands end before the next begins.</summary>
public sealed class SyncCommand : Command
{
    public override string Name => "sync";
    public override string Summary => "wait for what runs in the background";
    public override string Options => "t|timeout=MILLISECONDS";

    protected override Error? Run(Session session, Arguments arguments) => arguments.Time('t', 0, out _)
        ?? (session.EventLoop.RunOnce() ? null : new Error(EFI_STATUS.EFI_ABORTED, "interrupted"));
}
