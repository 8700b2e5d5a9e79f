using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Verifies the signature of an image, which is trusted then.</summary>
public sealed class ImageVerifyCommand : Command
{
    public override string Name => "imgverify";
    public override string Summary => "verify an image's signature (CMS)";
    public override string Options => "s|signer=NAME k|keep t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "URI|IMAGE SIGNATURE";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[0], out Image? image);
        if (image is null)
        {
            return error;
        }

        error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[1], out Image? signature);
        if (signature is null)
        {
            return error;
        }

        error = ImageSignature.Verify(session, image, signature, arguments.Value('s'));
        if (!arguments.Has('k') && signature != image)
        {
            session.Images.Free(signature);
        }

        return error;
    }
}
