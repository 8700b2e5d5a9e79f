using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Fetches an image, or takes one that is there, to be executed by boot: kernel, imgselect and imgload.</summary>
public sealed class KernelCommand(string name, string summary) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => ImageArguments.Options;
    public override string Operands => "URI|IMAGE [ARGUMENT...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.Acquire(session, arguments, out Image? image);
        if (image is null)
        {
            return error;
        }

        ImageArguments.ApplyTo(image, arguments);
        error = ImageArguments.CheckExecutable(image);
        if (error is null)
        {
            image.IsExecutable = true;
            session.Images.Selected = image;
        }

        return error;
    }
}
