using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Defines one of the eight colours: what shows where there are only ANSI's, and the exact colour for a screen that was set up.</summary>
public sealed class ColourCommand : Command
{
    private const ulong NotExact = 1 << 24;

    public override string Name => "colour";
    public override string Summary => "define a colour";
    public override string Options => "b|basic=COLOUR r|rgb=RGB";
    public override string Operands => "COLOUR";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong rgb = NotExact;
        ulong index = 0;
        Error? error = arguments.Number('b', TextColours.Default, out ulong basic);
        error ??= arguments.Number('r', NotExact, out rgb);
        error ??= Arguments.ParseNumber(arguments.Words[0], out index);
        if (error is null && !session.Terminal.Palette.TryDefine(index, basic, rgb))
        {
            error = NoSuch("colour", index);
        }

        // Those in use may be among the defined.
        session.Terminal.SetColours(session.Terminal.Palette.Usual);
        return error;
    }

    internal static Error NoSuch(string what, ulong index) => new(
        EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"there is no {what} {index}: they are 0 to {Palette.Count - 1}"));
}
