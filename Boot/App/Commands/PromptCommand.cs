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
        Error? error = ParseKey(arguments.Value('k'), out char wanted);
        error = arguments.Number('t', 0, out ulong timeout) ?? error;
        if (error is not null)
        {
            return error;
        }

        string text = ByteText.Join(arguments.Words);
        session.Terminal.Write(text);
        error = session.WaitForKey(timeout * 1000, out Key key);
        for (int i = 0; i < text.Length; i++)
        {
            session.Terminal.Write("\b \b");
        }

        if (error is null && arguments.Has('k') && (key.Code != KeyCode.Character || key.Character != wanted))
        {
            error = new Error(EFI_STATUS.EFI_ABORTED, "another key was pressed");
        }

        return error;
    }

    /// <summary>A key is one character, or a character's number.</summary>
    private static Error? ParseKey(string? text, out char key)
    {
        key = '\0';
        if (text is null)
        {
            return null;
        }

        if (text.Length == 1)
        {
            key = text[0];
            return null;
        }

        bool parsed = Number.TryParse(text, out long code);
        key = (char)code;
        return parsed && code is > 0 and <= char.MaxValue ? null : new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"not a key: {text}"));
    }
}
