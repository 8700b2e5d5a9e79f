using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Lets a person edit a setting.</summary>
public sealed class ReadCommand : Command
{
    public override string Name => "read";
    public override string Summary => "read a setting from the keyboard";
    public override string Options => "t|timeout=MILLISECONDS";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    public override bool IsAnswer(EFI_STATUS status) => status == EFI_STATUS.EFI_ABORTED || status == EFI_STATUS.EFI_TIMEOUT;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        Error? error = arguments.Time('t', 0, out ulong timeout);
        string value = session.Settings.Format(setting);
        if (error is null && value.Length > LineEditor.MaximumLength)
        {
            error = new Error(EFI_STATUS.EFI_BAD_BUFFER_SIZE, TextBuilder.Format($"{setting}: too long to be edited: {value.Length} characters"));
        }

        LineEditor editor = new(session.Terminal, session.EventLoop);
        return error
            ?? editor.Read(default, value, timeout, out ReadOnlySpan<char> line)
            ?? session.Settings.Set(setting, new string(line));
    }
}
