using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Has what is started find a device tree in place of the firmware's; without an argument the firmware's again.</summary>
public sealed class DeviceTreeCommand : Command
{
    public override string Name => "fdt";
    public override string Summary => "give what is started a device tree";
    public override string Options => "t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "[URI|IMAGE]";
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        session.Images.DeviceTree = null;
        if (arguments.Words.Length == 0)
        {
            return null;
        }

        Error? error = ImageArguments.AcquireNamed(session, arguments, arguments.Words[0], out Image? image);
        error ??= image is null ? null : DeviceTree.Check(image);
        if (error is null)
        {
            session.Images.DeviceTree = image;
        }

        return error;
    }
}
