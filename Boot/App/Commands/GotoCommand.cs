using System;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Goes on at a label of the running script; what is left of the line does not run. Silent where the script catches it.</summary>
public sealed class GotoCommand : Command
{
    public override string Name => "goto";
    public override string Summary => "go on at a label";
    public override string Operands => "LABEL";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        // In a shell it is the script that the shell was started from that goes on there.
        ScriptFrame? current = session.Interpreter.Current;
        ScriptFrame? frame = current;
        while (frame is not null && frame.Script is null)
        {
            frame = frame.Caller;
        }

        if (current is null || frame?.Script is not Image script)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, "not in a script");
        }

        string label = arguments.Words[0];
        ReadOnlySpan<byte> content = script.Content.Span;
        if (!new ScriptText(content).TryFindLabel(ByteText.ToBytes(label), out int position, out int lineNumber))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"label not found: {label}"));
        }

        frame.Position = position;
        frame.NextLine = lineNumber;
        current.IsLineDone = true;
        return null;
    }
}
