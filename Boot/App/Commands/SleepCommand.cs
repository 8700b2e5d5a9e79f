using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Waits; Ctrl-C ends it.</summary>
public sealed class SleepCommand : Command
{
    public override string Name => "sleep";
    public override string Summary => "wait";
    public override string Operands => "SECONDS";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = Arguments.ParseNumber(arguments.Words[0], out ulong seconds);
        if (error is not null)
        {
            return error;
        }

        return session.EventLoop.Wait(System.Math.Min(seconds, uint.MaxValue) * 1_000_000) ? null : new Error(EFI_STATUS.EFI_ABORTED, "interrupted");
    }
}
