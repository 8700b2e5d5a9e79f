using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens interfaces and gets their address by DHCP, until the first that succeeds: dhcp and ifconf. One that fails is closed.</summary>
public sealed class DhcpCommand(string name, string summary) : InterfaceCommand
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "c|configurator=NAME t|timeout=MILLISECONDS";
    protected override bool StopsAtSuccess => true;

    protected override Error? Prepare(Session session, Arguments arguments)
    {
        string configurator = arguments.Value('c') ?? "dhcp";
        return configurator != "dhcp"
            ? new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"no such configurator: {configurator}"))
            : arguments.Number('t', 0, out _);
    }

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface)
    {
        arguments.Number('t', 0, out ulong timeout);
        Error? error = session.Configure(bootInterface, timeout * 1000, wantsBootFile: false);
        if (error is not null)
        {
            bootInterface.Close();
        }

        return error;
    }
}
