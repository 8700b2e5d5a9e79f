using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Asks for a key: any, or a certain one. The text goes away again.</summary>
public sealed class PromptCommand : Command
{
    public override string Name => "prompt";
    public override string Summary => "wait for a key";
    public override string Options => "k|key=KEY t|timeout=MILLISECONDS";
    public override string Operands => "[TEXT...]";
    public override int MaximumOperands => Unlimited;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = arguments.Key('k', out Key wanted);
        error = arguments.Time('t', 0, out ulong timeout) ?? error;
        if (error is not null)
        {
            return error;
        }

        string text = ByteText.Join(arguments.Words);
        session.Terminal.Write(text);
        bool wasPressed = session.TryWaitForKey(timeout, out Key key);
        for (int i = ScreenText.Width(text); i > 0; i--)
        {
            session.Terminal.Write("\b \b");
        }

        if (!wasPressed)
        {
            return new Error(EFI_STATUS.EFI_TIMEOUT, "no key was pressed in time");
        }

        return wanted.IsNone || key.Is(wanted) ? null : new Error(EFI_STATUS.EFI_ABORTED, "another key was pressed");
    }
}
