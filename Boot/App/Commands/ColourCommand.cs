using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Defines one of the eight colours (what shows where there are only ANSI's, and the exact colour for a screen that was set up), or one of the
/// eight pairs of colours that menus, forms and all other text are written in.
/// </summary>
/// <param name="isPair">Whether it is cpair.</param>
public sealed class ColourCommand(bool isPair) : Command
{
    private const ulong NotExact = 1 << 24;

    public override string Name => isPair ? "cpair" : "colour";
    public override string Summary => isPair ? "define a pair of colours" : "define a colour";
    public override string Options => isPair ? "f|foreground=COLOUR b|background=COLOUR" : "b|basic=COLOUR r|rgb=RGB";
    public override string Operands => isPair ? "PAIR" : "COLOUR";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong second = 0;
        ulong index = 0;
        Error? error = arguments.Number(isPair ? 'f' : 'b', TextColours.Default, out ulong first);
        error ??= isPair ? arguments.Number('b', TextColours.Default, out second) : arguments.Number('r', NotExact, out second);
        error ??= Arguments.ParseNumber(arguments.Words[0], out index);
        Palette palette = session.Terminal.Palette;
        if (error is null && !(isPair ? palette.TryDefinePair(index, first, second) : palette.TryDefine(index, first, second)))
        {
            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"there is no {Name} {index}: they are 0 to {Palette.Count - 1}"));
        }

        // Those in use may be among the defined.
        session.Terminal.SetColours(palette.Usual);
        return error;
    }
}
