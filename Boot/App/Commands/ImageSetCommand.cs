using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets a setting to an image's bytes.</summary>
public sealed class ImageSetCommand : Command
{
    public override string Name => "imgset";
    public override string Summary => "set a setting to an image's content";
    public override string Options => "k|keep t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "SETTING URI|IMAGE";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[1], out Image? image);
        if (image is null)
        {
            return error;
        }

        error = ImageArguments.Store(session, arguments.Words[0], SettingType.None, image.Content.Span);
        if (!arguments.Has('k'))
        {
            session.Images.Free(image);
        }

        return error;
    }
}
