using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Succeeds when its arguments are the same text.</summary>
public sealed class IsEqualCommand : Command
{
    public override string Name => "iseq";
    public override string Summary => "succeed if two values are the same";
    public override string Operands => "VALUE VALUE";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments) => arguments.Words[0] == arguments.Words[1]
        ? null
        : new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"not equal: {arguments.Words[0]}, {arguments.Words[1]}"));
}
