using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens interfaces and waits until each has a link.</summary>
public sealed class InterfaceLinkWaitCommand : InterfaceCommand
{
    public override string Name => "iflinkwait";
    public override string Summary => "wait until interfaces have a link";
    public override string Options => "t|timeout=MILLISECONDS";

    protected override Error? Prepare(Session session, Arguments arguments) => arguments.Time('t', 0, out _);

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface)
    {
        arguments.Time('t', 0, out ulong timeout);
        NetworkInterface netif = bootInterface.Interface;
        Error? error = session.Open(bootInterface);
        ulong started = session.EventLoop.Now;
        while (error is null && !netif.Link.IsUp)
        {
            if (!session.EventLoop.RunOnce())
            {
                error = new Error(EFI_STATUS.EFI_ABORTED, "interrupted");
            }
            else if (timeout != 0 && session.EventLoop.Now - started >= timeout)
            {
                error = new Error(EFI_STATUS.EFI_NO_MEDIA, TextBuilder.Format($"{netif.Name}: no link after {timeout / 1000} ms"));
            }
        }

        return error;
    }
}
