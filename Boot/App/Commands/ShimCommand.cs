using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Says which shim is to start a kernel that the firmware refuses. Where the firmware loads the selected kernel, as it does without Secure Boot,
/// nothing is fetched and nothing changes.
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
        bool isNeeded = kernel is null ? session.Platform.IsSecureBoot : !session.Platform.CanLoad(kernel);
        return !isNeeded || arguments.Words.Length == 0
            ? null
            : new Error(
                EFI_STATUS.EFI_UNSUPPORTED,
                TextBuilder.Format($"the firmware refuses {(kernel is null ? "kernels" : kernel.Name)}, and starting them through shim is not supported: chain shim, with GRUB beside it"));
    }
}
