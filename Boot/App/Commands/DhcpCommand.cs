using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens an interface and gets its address by DHCP: dhcp and ifconf. With none named, the first that succeeds is enough.</summary>
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
        return session.Configure(bootInterface, timeout * 1000);
    }
}
