using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Defines one of the eight pairs of colours that menus, forms and all other text are written in.</summary>
public sealed class ColourPairCommand : Command
{
    public override string Name => "cpair";
    public override string Summary => "define a pair of colours";
    public override string Options => "f|foreground=COLOUR b|background=COLOUR";
    public override string Operands => "PAIR";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong background = TextColours.Default;
        ulong index = 0;
        Error? error = arguments.Number('f', TextColours.Default, out ulong foreground);
        error ??= arguments.Number('b', TextColours.Default, out background);
        error ??= Arguments.ParseNumber(arguments.Words[0], out index);
        if (error is null && !session.Terminal.Palette.TryDefinePair(index, foreground, background))
        {
            error = ColourCommand.NoSuch("pair of colours", index);
        }

        session.Terminal.SetColours(session.Terminal.Palette.Usual);
        return error;
    }
}
