using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Adds to a number.</summary>
public sealed class IncrementCommand : Command
{
    public override string Name => "inc";
    public override string Summary => "add to a number";
    public override string Operands => "SETTING [INCREMENT]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        long by = 1;
        if (arguments.Words.Length > 1 && !Number.TryParse(arguments.Words[1], out by))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"not a number: {arguments.Words[1]}"));
        }

        return session.Settings.Increment(arguments.Words[0], by);
    }
}
