using NetBoot.Boot.App.Menus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Asks for a user's name and password, which become settings of these names.</summary>
public sealed class LoginCommand : Command
{
    public override string Name => "login";
    public override string Summary => "ask for user name and password";

    public override bool IsAnswer(EFI_STATUS status) => status == EFI_STATUS.EFI_ABORTED;

    protected override Error? Run(Session session, Arguments arguments)
    {
        using Menu form = Menu.Create(null, "Log in");
        form.Add("username", "User name", default, isDefault: false, isSecret: false);
        form.Add("password", "Password", default, isDefault: false, isSecret: true);
        return new FormScreen(session, form).Run();
    }
}
