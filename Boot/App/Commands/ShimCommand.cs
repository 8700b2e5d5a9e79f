using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Says which shim is to start what the firmware refuses, and what it is left to do. Where the firmware loads the selected kernel, as it does without
/// Secure Boot, nothing is fetched.
/// </summary>
public sealed class ShimCommand : Command
{
    public override string Name => "shim";
    public override string Summary => "start a kernel that the firmware refuses through shim";
    public override string Options => "t|timeout=MILLISECONDS q|quiet l|require-loader p|allow-pxe s|allow-sbat";
    public override string Operands => "[URI|IMAGE]";
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Image? kernel = session.Images.Selected;
        bool isNeeded = kernel is null ? session.Platform.IsSecureBoot : session.Platform.IsRefused(kernel);
        Image? shim = null;
        Error? error = isNeeded && arguments.Words.Length > 0 ? ImageArguments.AcquireNamed(session, arguments, arguments.Words[0], out shim) : null;
        if (error is not null)
        {
            return error;
        }

        if (shim is not null && !ExecutableFile.IsExecutable(shim.Content.Span))
        {
            return new Error(EFI_STATUS.EFI_LOAD_ERROR, TextBuilder.Format($"{shim.Name}: not an EFI executable"));
        }

        session.Images.Shim = shim;
        session.Images.ShimOptions =
            (arguments.Has('l') ? ShimOptions.RequireLoader : 0) | (arguments.Has('p') ? ShimOptions.AllowPxe : 0) | (arguments.Has('s') ? ShimOptions.AllowSbat : 0);
        return null;
    }
}
