using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets the command line of an image, which is fetched if it is not there.</summary>
public sealed class ImageArgumentsCommand : Command
{
    public override string Name => "imgargs";
    public override string Summary => "set an image's command line";
    public override string Options => ImageArguments.Options;
    public override string Operands => "URI|IMAGE [ARGUMENT...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.Acquire(session, arguments, out Image? image);
        if (image is not null)
        {
            image.CommandLine.Set(default);
            ImageArguments.ApplyTo(image, arguments);
        }

        return error;
    }
}
