using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Lists images.</summary>
public sealed class ImageStatusCommand : Command
{
    public override string Name => "imgstat";
    public override string Summary => "list images";
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

            Print(session, image);
        }

        for (Image? image = session.Images.First; image is not null && arguments.Words.Length == 0; image = ImageRegistry.After(image))
        {
            if (!image.IsHidden)
            {
                Print(session, image);
            }
        }

        return null;
    }

    private static void Print(Session session, Image image)
    {
        string kind = image.IsScript ? " [script]" : ExecutableFile.IsExecutable(image.Content.Span) ? " [EFI]" : "";
        string selected = image == session.Images.Selected ? " [SELECTED]" : "";
        string trusted = image.IsTrusted ? " [TRUSTED]" : "";
        string line = image.CommandLine.Value.Length > 0 ? TextBuilder.Format($" \"{image.CommandLine.Value}\"") : "";
        session.Terminal.WriteLine(TextBuilder.Format($"{image.Name} : {image.Content.Length} bytes{kind}{selected}{trusted}{line}"));
    }
}
