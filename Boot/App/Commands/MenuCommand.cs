using NetBoot.Boot.App.Menus;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Makes an empty menu or form, or deletes one: menu and form, which differ only in how they are shown.</summary>
public sealed class MenuCommand(string name, string summary) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "n|name=NAME d|delete";
    public override string Operands => "[TITLE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string? menuName = arguments.Value('n');
        if (!arguments.Has('d'))
        {
            return session.Menus.Create(menuName, ByteText.Join(arguments.Words));
        }

        if (session.Menus.Find(menuName) is Menu menu)
        {
            session.Menus.Free(menu);
        }

        return null;
    }

    /// <summary>Finds the menu that an option names, or the one without a name.</summary>
    internal static Error? Find(Session session, Arguments arguments, out Menu? menu)
    {
        string? wanted = arguments.Value('m') ?? arguments.Value('f');
        menu = session.Menus.Find(wanted);
        return menu is not null
            ? null
            : new Error(EFI_STATUS.EFI_NOT_FOUND, wanted is null ? "there is no menu or form" : TextBuilder.Format($"no such menu or form: {wanted}"));
    }
}
