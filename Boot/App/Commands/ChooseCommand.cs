using NetBoot.Boot.App.Menus;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Shows a menu and stores the name of the item that is chosen. The menu is gone then, whatever came of it, unless it is to be kept.</summary>
public sealed class ChooseCommand : Command
{
    public override string Name => "choose";
    public override string Summary => "show a menu and store what is chosen";
    public override string Options => "m|menu=NAME d|default=ITEM t|timeout=MILLISECONDS r|retimeout=MILLISECONDS k|keep";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    public override bool IsAnswer(EFI_STATUS status) => status == EFI_STATUS.EFI_ABORTED;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        Error? error = arguments.Time('t', 0, out ulong timeout);
        error = arguments.Time('r', 0, out ulong retimeout) ?? error;
        error ??= SettingName.TryParse(setting, out _) ? null : SettingsTree.BadName(setting);
        Menu? menu = null;
        error ??= MenuCommand.Find(session, arguments, out menu);
        if (error is not null || menu is null)
        {
            return error;
        }

        error = new MenuScreen(session, menu).Run(arguments.Value('d'), timeout, retimeout, out MenuItem? item);
        error ??= session.Settings.Set(setting, item?.Name ?? "");
        if (!arguments.Has('k'))
        {
            session.Menus.Free(menu);
        }

        return error;
    }
}
