using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Decompresses an image into a new one.</summary>
public sealed class ImageExtractCommand : Command
{
    public override string Name => "imgextract";
    public override string Summary => "decompress an image (gzip, zlib)";
    public override string Options => "n|name=NAME k|keep t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "URI|IMAGE";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[0], out Image? image);
        if (image is null)
        {
            return error;
        }

        error = session.ExtractImage(image, arguments.Value('n'), out _);
        if (!arguments.Has('k'))
        {
            session.Images.Free(image);
        }

        return error;
    }
}
