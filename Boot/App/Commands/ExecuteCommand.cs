using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Executes an image: the selected one, one that is there, or one to be fetched: boot, imgexec and chain.</summary>
public sealed class ExecuteCommand(string name, string summary) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => ImageArguments.Options + " r|replace";
    public override string Operands => "[URI|IMAGE [ARGUMENT...]]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Image? image = session.Images.Selected;
        if (arguments.Words.Length > 0)
        {
            Error? error = ImageArguments.Acquire(session, arguments, out image);
            if (image is null)
            {
                return error;
            }
        }
        else if (image is null)
        {
            session.Terminal.WriteLine("No image selected");
            return null;
        }

        ImageArguments.ApplyTo(image, arguments);
        ScriptFrame? frame = session.Interpreter.Current;
        if (!arguments.Has('r') || frame?.Script is null)
        {
            return session.Execute(image);
        }

        Error? refusal = ImageArguments.CheckExecutable(image) ?? session.Images.CheckTrust(image);
        if (refusal is null)
        {
            frame.Replacement = image;
            frame.Exit(default);
        }

        return refusal;
    }
}
