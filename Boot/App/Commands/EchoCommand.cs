using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints its arguments with one blank between.</summary>
public sealed class EchoCommand : Command
{
    public override string Name => "echo";
    public override string Summary => "print text";
    public override string Options => "n|n";
    public override string Operands => "[TEXT...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        session.Terminal.Write(ByteText.Join(arguments.Words));
        if (!arguments.Has('n'))
        {
            session.Terminal.Write("\n");
        }

        return null;
    }
}
