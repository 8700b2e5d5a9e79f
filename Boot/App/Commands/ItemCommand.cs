using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Menus;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Adds an item to a menu or a form.</summary>
public sealed class ItemCommand : Command
{
    public override string Name => "item";
    public override string Summary => "add an item to a menu or a form";
    public override string Options => "m|menu=NAME f|form=NAME k|key=KEY d|default s|secret g|gap";
    public override string Operands => "[NAME [TEXT...]]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Menu? menu = null;
        Error? error = arguments.Key('k', out Key key) ?? MenuCommand.Find(session, arguments, out menu);
        if (error is not null || menu is null)
        {
            return error;
        }

        ReadOnlySpan<string> words = arguments.Words;
        string? name = null;
        if (!arguments.Has('g') && words.Length > 0)
        {
            name = words[0];
            words = words.Slice(1);
        }

        return session.Menus.Add(menu, name, ByteText.Join(words), key, arguments.Has('d'), arguments.Has('s'));
    }
}
