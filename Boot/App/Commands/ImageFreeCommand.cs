using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Frees images.</summary>
public sealed class ImageFreeCommand : Command
{
    public override string Name => "imgfree";
    public override string Summary => "free images";
    public override string Operands => "[IMAGE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (string name in arguments.Words)
        {
            Error? error = ImageArguments.Find(session, name, out Image? image);
            if (image is null)
            {
                return error;
            }

            session.Images.Free(image);
        }

        if (arguments.Words.Length == 0)
        {
            session.Images.Dispose();
        }

        return null;
    }
}
