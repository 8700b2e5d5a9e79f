using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Fetches an image and registers it: imgfetch, and as initrd and module by other names.</summary>
public sealed class FetchCommand(string name, string summary) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => ImageArguments.Options;
    public override string Operands => "URI [ARGUMENT...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.Fetch(session, arguments, out Image? image);
        if (image is not null)
        {
            ImageArguments.ApplyTo(image, arguments);
            image.IsInitrd = name is "initrd" or "module";
        }

        return error;
    }
}
