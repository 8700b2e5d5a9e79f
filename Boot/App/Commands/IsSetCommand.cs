using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Succeeds when its argument is not empty.</summary>
public sealed class IsSetCommand : Command
{
    public override string Name => "isset";
    public override string Summary => "succeed if a value is not empty";
    public override string Operands => "VALUE";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments) =>
        arguments.Words[0].Length > 0 ? null : new Error(EFI_STATUS.EFI_NOT_FOUND, "not set");
}
