using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets an image's command line.</summary>
public sealed class ImageArgumentsCommand : Command
{
    public override string Name => "imgargs";
    public override string Summary => "set an image's command line";
    public override string Operands => "IMAGE [ARGUMENT...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.Find(session, arguments.Words[0], out Image? image);
        image?.CommandLine.Set(ByteText.Join(arguments.Words.Slice(1)));
        return error;
    }
}
