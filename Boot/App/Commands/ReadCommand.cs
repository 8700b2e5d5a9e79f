using NetBoot.Uefi.Interop;

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
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        Error? error = arguments.Number('t', 0, out ulong timeout);
        return error
            ?? session.Editor.Read(session.Settings.Format(setting), timeout * 1000, false, out System.ReadOnlySpan<char> line)
            ?? session.Settings.Set(setting, new string(line));
    }
}
