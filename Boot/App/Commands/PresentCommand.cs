using NetBoot.Boot.App.Menus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Shows a form, whose fields are stored as settings. The form is gone then, whatever came of it, unless it is to be kept.</summary>
public sealed class PresentCommand : Command
{
    public override string Name => "present";
    public override string Summary => "show a form and store what is typed";
    public override string Options => "f|form=NAME k|keep";

    public override bool IsAnswer(EFI_STATUS status) => status == EFI_STATUS.EFI_ABORTED;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = MenuCommand.Find(session, arguments, out Menu? form);
        if (form is null)
        {
            return error;
        }

        error = new FormScreen(session, form).Run();
        if (!arguments.Has('k'))
        {
            session.Menus.Free(form);
        }

        return error;
    }
}
